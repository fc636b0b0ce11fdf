import { expect } from 'chai'
import { KeyMutex } from '../../../lib/primitives/key-mutex.ts'
import { deferred } from '../../support/deferred.ts'

describe('KeyMutex', () => {
  it('never runs two tasks of one key at once, and keeps their order', async () => {
    const mutex = new KeyMutex()
    const order: number[] = []
    let running = 0
    const task = (turn: number) => async () => {
      expect(++running).to.equal(1)
      await new Promise((resolve) => setImmediate(resolve))
      order.push(turn)
      running--
    }
    const turns = Array.from({ length: 40 }, (_, turn) => turn)
    await Promise.all(turns.map((turn) => mutex.run('key', task(turn))))
    expect(order).to.deep.equal(turns)
  })

  it('does not let one key wait for another', async () => {
    const mutex = new KeyMutex()
    const gate = deferred<string>()
    const slow = mutex.run('slow', () => gate.promise)
    expect(await mutex.run('other', async () => 'done')).to.equal('done')
    gate.resolve('done at last')
    expect(await slow).to.equal('done at last')
  })

  it('goes on after a task that failed, and gives its error to its own caller only', async () => {
    const mutex = new KeyMutex()
    const outcomes = await Promise.allSettled([
      mutex.run('key', () => Promise.reject(new Error('own'))),
      mutex.run('key', async () => 'fine'),
    ])
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'fulfilled'])
  })
})
