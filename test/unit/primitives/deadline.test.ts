import { expect } from 'chai'
import sinon from 'sinon'
import { withDeadline } from '../../../lib/primitives/deadline.ts'
import { deferred } from '../../support/deferred.ts'

const late = () => new Error('late')
const never = new Promise<never>(() => {})
const settledRejection = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('withDeadline', () => {
  afterEach(() => sinon.restore())

  it('gives the value of a promise that is in time', async () => {
    expect(await withDeadline(Promise.resolve('value'), 1000, late)).to.equal('value')
  })

  it('gives the rejection of a promise that is in time', async () => {
    const own = new Error('own')
    expect(await settledRejection(withDeadline(Promise.reject(own), 1000, late))).to.equal(own)
  })

  it('rejects with the error of the caller when the promise hangs', async () => {
    expect(await settledRejection(withDeadline(never, 1, late)))
      .to.be.an('error')
      .with.property('message', 'late')
  })

  it('leaves no timer behind, whatever the outcome', async () => {
    const clock = sinon.useFakeTimers()
    await withDeadline(Promise.resolve(1), 60_000, late)
    await settledRejection(withDeadline(Promise.reject(new Error('own')), 60_000, late))
    await Promise.resolve()
    expect(clock.countTimers()).to.equal(0)
  })

  it('waits, and not one millisecond, when the deadline is longer than Node can time', async () => {
    const clock = sinon.useFakeTimers()
    const slow = deferred<string>()
    const outcome = withDeadline(slow.promise, Number.POSITIVE_INFINITY, late)
    await clock.tickAsync(1000)
    slow.resolve('after a second')
    expect(await outcome).to.equal('after a second')
  })

  it('does not let a late rejection become an unhandled one', async () => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown) => unhandled.push(reason)
    const mochas = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', listener)
    try {
      const slow = deferred<never>()
      await settledRejection(withDeadline(slow.promise, 1, late))
      slow.reject(new Error('too late to matter'))
      // Node reports unhandled rejections after the microtasks, before the next turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve))
    } finally {
      process.removeAllListeners('unhandledRejection')
      for (const mocha of mochas) process.on('unhandledRejection', mocha)
    }
    expect(unhandled).to.deep.equal([])
  })
})
