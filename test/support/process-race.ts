import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import type { Storage } from '../../lib/storage/storage.ts'
import { compiled } from './compiled.ts'
import type { StorageAddress } from './open-storage.ts'
import type { RaceOrder } from './storage-racer.ts'

const racerCount = 3
const keys = Array.from({ length: 30 }, (_, number) => `key-${number}`)

/** Declares tests in which processes race each other. They start once; `storage` is the judge's own way in. */
export function raceTests(target: () => StorageAddress, storage: () => Storage): void {
  let racers: ChildProcess[] = []

  before('start the racers', async () => {
    const script = compiled('test/support/storage-racer.js')
    racers = Array.from({ length: racerCount }, () => fork(script, [...target()], { execArgv: [] }))
    await Promise.all(racers.map((racer) => once(racer, 'message')))
  })

  after('stop the racers', async () => {
    const exits = racers.map((racer) => once(racer, 'exit'))
    for (const racer of racers) racer.disconnect()
    await Promise.all(exits)
  })

  afterEach(() => Promise.all(keys.map((key) => storage().remove(key))))

  /** The keys that were won, by racer. */
  async function race(action: RaceOrder['action'], versions: number[] = []): Promise<string[][]> {
    const answers = racers.map((racer) => once(racer, 'message'))
    for (const [number, racer] of racers.entries()) {
      racer.send({ action, keys, versions, racer: `racer-${number}` } satisfies RaceOrder)
    }
    return Promise.all(answers.map(async (answer) => (await answer)[0]))
  }

  async function expectWinnersToHold(won: string[][]): Promise<void> {
    expect(won.flat().sort()).to.deep.equal([...keys].sort())
    for (const [number, theirs] of won.entries()) {
      for (const key of theirs) expect((await storage().read(key))?.value).to.equal(`racer-${number}`)
    }
  }

  it(`lets one of ${racerCount} processes insert each key`, async () => {
    await expectWinnersToHold(await race('insert'))
  })

  it(`lets one of ${racerCount} processes update each record`, async () => {
    const inserted = await Promise.all(keys.map((key) => storage().insert(key, 'start')))
    await expectWinnersToHold(
      await race(
        'update',
        inserted.map((stored) => stored?.version ?? 0),
      ),
    )
  })

  it(`leases each record to one of ${racerCount} processes`, async () => {
    await Promise.all(keys.map((key, index) => storage().insert(key, 'start', { dueAt: 5000 + index })))
    expect((await race('lease')).flat().sort()).to.deep.equal([...keys].sort())
  })
}
