import { expect } from 'chai'
import { singleFlight } from '../../../lib/primitives/single-flight.ts'
import { deferred } from '../../support/deferred.ts'

describe('singleFlight', () => {
  it('starts the work once for 1,000 concurrent callers and answers all of them', async () => {
    const flight = singleFlight<string>()
    const gate = deferred<string>()
    let starts = 0
    const start = () => {
      starts++
      return gate.promise
    }
    const calls = Array.from({ length: 1000 }, () => flight('token', start))
    gate.resolve('T1')
    expect(new Set(await Promise.all(calls))).to.deep.equal(new Set(['T1']))
    expect(starts).to.equal(1)
  })

  it('starts anew once the work is done', async () => {
    const flight = singleFlight<number>()
    let starts = 0
    expect(await flight('k', () => ++starts)).to.equal(1)
    expect(await flight('k', () => ++starts)).to.equal(2)
  })

  it('keeps keys apart', async () => {
    const flight = singleFlight<string>()
    const answers = await Promise.all([flight('a', () => 'A'), flight('b', async () => 'B')])
    expect(answers).to.deep.equal(['A', 'B'])
  })

  it('shares a rejection with those who wait, then forgets it', async () => {
    const flight = singleFlight<string>()
    const failing = () => Promise.reject(new Error('down'))
    const outcomes = await Promise.allSettled([flight('k', failing), flight('k', () => 'never asked')])
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected'])
    expect(await flight('k', () => 'up')).to.equal('up')
  })

  it('lets a caller that saw the rejection start the next attempt at once', async () => {
    const flight = singleFlight<string>()
    const retried = flight('k', () => Promise.reject(new Error('down'))).catch(() => flight('k', () => 'second try'))
    expect(await retried).to.equal('second try')
  })

  it('turns a synchronous throw into a rejection', async () => {
    const flight = singleFlight<string>()
    const thrown = await flight('k', () => {
      throw new Error('at once')
    }).catch((error: unknown) => error)
    expect(thrown).to.be.an('error').with.property('message', 'at once')
    expect(await flight('k', () => 'fine')).to.equal('fine')
  })
})
