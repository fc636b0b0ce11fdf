import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const root = fileURLToPath(new URL('../../..', import.meta.url))

describe('SECURITY.md', () => {
  it('names a test for every threat, and only tests that there are', () => {
    const table = readFileSync(`${root}/SECURITY.md`, 'utf8').split('\n## Threats\n')[1]?.split('\n## ')[0] ?? ''
    const rows = table.split('\n').filter((line) => line.startsWith('|'))
    const named = rows.slice(2).map((row) => [...row.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path))
    expect(named.length).to.be.above(10)
    expect(named.filter((paths) => paths.length === 0)).to.deep.equal([])
    expect(named.flat().filter((path) => !existsSync(`${root}/${path}`))).to.deep.equal([])
  })
})
