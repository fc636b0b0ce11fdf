import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import { type ChangeMessage, type HookEvent, memoryStorage, StorageError } from 'express-doku-ovo'
import { type NewEvent, Outbox } from '../../lib/flows/outbox.ts'
import { Records } from '../../lib/storage/records.ts'
import { deferred } from '../support/deferred.ts'
import { type LogLine, logTo, rejection, spied, TestClock } from './scene.ts'

const unmatched = (reference: string): NewEvent => ({ type: 'notificationUnmatched', subject: 'payment', reference })

describe('the outbox', () => {
  const clock = new TestClock()
  let logged: LogLine[]
  beforeEach(() => {
    logged = []
  })
  const outboxFor = (hook: (event: HookEvent) => unknown) =>
    new Outbox({
      clientId: 'client',
      clock: clock.read,
      logger: logTo(logged),
      hooks: { notificationUnmatched: hook, bindingChanged: hook },
    })

  it('delivers the events of one record one after the other, and those of another meanwhile', async () => {
    const seen: string[] = []
    const gates = new Map(['a1', 'a2', 'b1'].map((name) => [name, deferred<void>()]))
    const outbox = outboxFor(async (event) => {
      if (event.type !== 'notificationUnmatched') return
      seen.push(`${event.reference} begins`)
      await gates.get(event.reference)?.promise
      seen.push(`${event.reference} ends`)
    })
    outbox.publish('a', unmatched('a1'))
    outbox.publish('a', unmatched('a2'))
    outbox.publish('b', unmatched('b1'))
    gates.get('a2')?.resolve()
    gates.get('b1')?.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    expect(seen).to.deep.equal(['a1 begins', 'b1 begins', 'b1 ends'])
    gates.get('a1')?.resolve()
    await outbox.drain()
    expect(seen.slice(3)).to.deep.equal(['a1 ends', 'a2 begins', 'a2 ends'])
  })

  it('gives every event an id of its own, and the time', async () => {
    const seen: HookEvent[] = []
    const outbox = outboxFor((event) => void seen.push(event))
    for (let times = 0; times < 3; times++) outbox.publish('a', unmatched('a1'))
    await outbox.drain()
    expect(new Set(seen.map(({ id }) => id)).size).to.equal(3)
    expect(seen[0]?.occurredAt).to.equal(new Date(clock.now).toISOString())
  })

  it('logs a hook that throws or rejects, and goes on with the next', async () => {
    const seen: string[] = []
    const outbox = outboxFor((event) => {
      if (event.type !== 'notificationUnmatched') return undefined
      seen.push(event.reference)
      if (event.reference === 'throws') throw new Error('a bug')
      return event.reference === 'rejects' ? Promise.reject(new Error('another')) : undefined
    })
    for (const reference of ['throws', 'rejects', 'works']) outbox.publish('a', unmatched(reference))
    await outbox.drain()
    expect(seen).to.deep.equal(['throws', 'rejects', 'works'])
    expect(logged.map(({ level, message, details }) => [level, message, details.err.message])).to.deep.equal([
      ['error', 'a hook failed', 'a bug'],
      ['error', 'a hook failed', 'another'],
    ])
  })

  it('tells nobody of what was not stored', async () => {
    const seen: HookEvent[] = []
    const outbox = outboxFor((event) => void seen.push(event))
    const storage = spied(memoryStorage())
    const records = new Records<string>(storage)
    const events = [unmatched('a1')]
    const first = await outbox.commit(records, { key: 'a', value: 'one', events })
    expect(first?.value).to.equal('one')
    await outbox.drain()
    expect(seen).to.have.length(1)
    expect(await outbox.commit(records, { key: 'a', value: 'two', events })).to.equal(undefined)
    storage.before = () => {
      throw new StorageError('down')
    }
    await rejection(outbox.commit(records, { key: 'a', value: 'two', version: first?.version, events }))
    await outbox.drain()
    expect(seen).to.have.length(1)
  })

  it('does without hooks', async () => {
    const outbox = new Outbox({ clientId: 'client', clock: clock.read, logger: logTo(logged), hooks: {} })
    outbox.publish('a', unmatched('a1'))
    await outbox.drain()
    expect(logged).to.deep.equal([])
  })

  it('publishes changes, and nothing else, to whoever listens to the channel', () => {
    const heard: unknown[] = []
    const listen = (message: unknown) => void heard.push(message)
    subscribe('express-doku-ovo:change', listen)
    const outbox = outboxFor(() => {})
    const binding = { status: 'active', phoneNo: '***', updatedAt: '' } as const
    outbox.publish('a', { type: 'bindingChanged', customerId: 'alice', previousStatus: 'pending', binding })
    outbox.publish('a', unmatched('a1'))
    unsubscribe('express-doku-ovo:change', listen)
    const expected: ChangeMessage = {
      clientId: 'client',
      subject: 'binding',
      id: 'alice',
      from: 'pending',
      to: 'active',
    }
    expect(heard).to.deep.equal([expected])
  })
})
