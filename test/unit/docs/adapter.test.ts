import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Storage, StorageError } from 'express-doku-ovo'
import { type MakeStorage, storageConformance } from 'express-doku-ovo/conformance'
import { readPage, root, section, snippets } from '../../support/docs/markdown.ts'

type Work = (rows: Map<string, object>) => unknown
type TableStorage = (table: { transaction(work: Work): Promise<unknown> }) => Storage

/** The adapter that the page shows, as a module. */
async function shownAdapter(): Promise<TableStorage> {
  const text = section(readPage('docs/storage.md'), 'An adapter of your own')
  const code = snippets('docs/storage.md').find((one) => one.language === 'ts' && text.includes(one.code))?.code ?? ''
  const file = join(root, 'test', 'unit', 'docs', `.adapter-${process.pid}.ts`)
  writeFileSync(file, code)
  try {
    return ((await import(file)) as { tableStorage: TableStorage }).tableStorage
  } finally {
    rmSync(file)
  }
}

/** The titles of the tests that it does not pass, and why. */
async function failuresOf(makeStorage: MakeStorage, brokenStorage: MakeStorage): Promise<string[]> {
  const tests: { title: string; body: () => Promise<void> }[] = []
  const runner = {
    describe: (_title: string, body: () => void) => body(),
    it: (title: string, body: () => Promise<void>) => tests.push({ title, body }),
  }
  storageConformance(runner, makeStorage, { brokenStorage })
  expect(tests.length).to.be.above(20)
  const failures: string[] = []
  for (const { title, body } of tests) await body().catch((error) => failures.push(`${title}: ${error}`))
  return failures
}

describe('the adapter that the documentation shows', () => {
  it('passes the conformance suite', async () => {
    const tableStorage = await shownAdapter()
    const working = () => {
      const rows = new Map<string, object>()
      return tableStorage({ transaction: async (work) => work(rows) })
    }
    const broken = () => tableStorage({ transaction: () => Promise.reject(new StorageError('away')) })
    expect(await failuresOf(working, broken)).to.deep.equal([])
  })
})
