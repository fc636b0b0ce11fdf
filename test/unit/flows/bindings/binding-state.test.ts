import { expect } from 'chai'
import fc from 'fast-check'
import type { BindingRecord } from '../../../../lib/flows/bindings/binding-record.ts'
import { type BindingEvent, transitions, withEvent } from '../../../../lib/flows/bindings/binding-state.ts'
import { evidence, type Statement } from '../../../../lib/flows/evidence.ts'
import type { BindingStatus } from '../../../../lib/model/views.ts'

const begun: BindingRecord = {
  customerId: 'alice',
  status: 'pending',
  phoneNo: 'sealed phone',
  maskedPhoneNo: '62*******0001',
  externalId: '1',
  createdAt: 1,
  updatedAt: 1,
}
const token = { customerToken: 'sealed token', customerTokenExpiresAt: 900 }
interface Row {
  readonly from: readonly BindingStatus[]
  readonly to: BindingStatus
  readonly drops: readonly string[]
  readonly because?: readonly Statement[]
}

const events = Object.keys(transitions) as BindingEvent[]

/** The fields that the flows bring with an event. */
function bringsOf(event: BindingEvent, now: number): Partial<BindingRecord> {
  if (event === 'answered') return { redirectUrl: 'sealed page', authCode: 'sealed code', updatedAt: now }
  if (event === 'endRequested') return { endingSince: now }
  if (event === 'dropped') return { droppedBy: 'siti' }
  return ['worked', 'restored', 'refreshed'].includes(event) ? token : {}
}

const hear = (binding: BindingRecord, event: BindingEvent, now: number) =>
  withEvent(binding, event, now, bringsOf(event, now))

/** Every record that a begun binding can become. */
function bindingAfter(...happened: readonly BindingEvent[]): BindingRecord {
  return happened.reduce((binding, event, index) => hear(binding, event, index + 2) ?? binding, begun)
}

const statusAfter = (...happened: readonly BindingEvent[]): BindingStatus => bindingAfter(...happened).status
const anyHistory = fc.array(fc.constantFrom(...events), { maxLength: 14 })
const secrets = ['redirectUrl', 'authCode', 'customerToken', 'customerTokenExpiresAt', 'endingSince']

describe('the state of a binding', () => {
  /** This test's own words: a slip in the table cannot pass with them. */
  const stories: [string, BindingEvent[], BindingStatus][] = [
    ['waits for the customer', ['answered'], 'pending'],
    ['has failed without an authCode', ['abandoned'], 'failed'],
    ['is active once the customer agreed', ['answered', 'agreed'], 'active'],
    ['has failed once the customer declined', ['answered', 'declined'], 'failed'],
    ['is active if the customer agreed after all', ['answered', 'declined', 'agreed'], 'active'],
    ['is not failed by a late word about an active one', ['answered', 'agreed', 'declined'], 'active'],
    ['is unlinked when DOKU refused the link', ['answered', 'agreed', 'refused'], 'unlinked'],
    ['comes back if its authCode still works', ['answered', 'agreed', 'refused', 'worked'], 'active'],
    ['comes back if DOKU says that the customer agreed', ['answered', 'agreed', 'refused', 'agreed'], 'active'],
    ['is not unlinked before it was active', ['answered', 'refused'], 'pending'],
    ['is active once DOKU gave a token', ['answered', 'worked'], 'active'],
    [
      'stays ended when a late answer says that the link works',
      ['answered', 'discarded', 'worked', 'agreed'],
      'unbound',
    ],
    ['comes back when the customer wants to link again', ['answered', 'discarded', 'restored'], 'active'],
    ['ends when a person drops it, in any status', ['answered', 'agreed', 'dropped', 'restored'], 'unbound'],
    ['stays active while DOKU must confirm the end', ['answered', 'agreed', 'endRequested'], 'active'],
    ['has ended when DOKU ended it', ['answered', 'agreed', 'endRequested', 'unbound'], 'unbound'],
    ['has ended when the customer ended what never was linked', ['answered', 'discarded'], 'unbound'],
    ['is not discarded while it is active', ['answered', 'agreed', 'discarded'], 'active'],
    ['is not unbound before it was active', ['answered', 'unbound'], 'pending'],
  ]
  for (const [what, happened, status] of stories) {
    it(`${what}: ${happened.join(', ')}`, () => {
      expect(statusAfter(...happened)).to.equal(status)
    })
  }

  it('is final once unbound: the customer must start another binding', () => {
    const over = bindingAfter('answered', 'agreed', 'unbound')
    for (const event of events.filter((one) => one !== 'dropped'))
      expect(hear(over, event, 9), event).to.equal(undefined)
  })

  it('does not move twice by the same event', () => {
    fc.assert(
      fc.property(anyHistory, fc.constantFrom(...events), (history, event) => {
        const before = bindingAfter(...history)
        const moved = hear(before, event, 90)
        if (moved && moved.status !== before.status) expect(hear(moved, event, 91)).to.equal(undefined)
      }),
    )
  })

  it('is active only with an authCode, and holds a wish to end it only from then on', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const binding = bindingAfter(...history)
        if (binding.status === 'active') expect(binding).to.include({ authCode: 'sealed code' })
        if (binding.endingSince !== undefined) expect(binding.status).to.be.oneOf(['active', 'unlinked'])
      }),
    )
  })

  it('shows the page and keeps a token only in the status that uses it', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const binding = bindingAfter(...history)
        if (binding.redirectUrl !== undefined) expect(binding.status).to.equal('pending')
        if (binding.customerToken !== undefined) expect(binding.status).to.equal('active')
      }),
    )
  })

  it('loses its authCode only when DOKU ended the link, or a person answers for it', () => {
    fc.assert(
      fc.property(anyHistory, fc.constantFrom(...events), (history, event) => {
        const before = bindingAfter(...history)
        const next = hear(before, event, 90) ?? before
        if (before.authCode === undefined || next.authCode !== undefined) return
        expect(event).to.be.oneOf(['unbound', 'dropped'])
        expect(next).not.to.have.any.keys(...secrets)
      }),
    )
  })

  it('names the evidence of each event that ends an active link, or forgets an authCode', () => {
    for (const [event, row] of Object.entries(transitions) as [BindingEvent, Row][]) {
      const ends = row.from.includes('active') && row.to !== 'active'
      const forgets = row.drops.some((field) => field === 'authCode' || field === 'earlierLinks')
      const acts = [...(ends ? ['end-binding' as const] : []), ...(forgets ? ['delete-auth-code' as const] : [])]
      expect(row.because !== undefined, event).to.equal(acts.length > 0)
      for (const statement of row.because ?? [])
        for (const act of acts) expect(evidence[statement].allows, `${event}: ${statement}`).to.have.property(act)
    }
  })

  it('keeps its name, its customer and the events to deliver, whatever happens', () => {
    const outbox = { events: [], claimedBy: 'a process', claimedUntil: 1 }
    fc.assert(
      fc.property(anyHistory, fc.constantFrom(...events), (history, event) => {
        const before = { ...bindingAfter(...history), outbox }
        const { customerId, externalId, phoneNo, maskedPhoneNo, createdAt } = begun
        const kept = { customerId, externalId, phoneNo, maskedPhoneNo, createdAt, outbox }
        expect(hear(before, event, 90) ?? before).to.deep.include(kept)
      }),
    )
  })

  it('has the time of its last change of status, and of DOKU’s answer', () => {
    expect(bindingAfter('answered').updatedAt).to.equal(2)
    expect(bindingAfter('answered', 'agreed', 'refreshed', 'endRequested', 'endRefused').updatedAt).to.equal(3)
    expect(bindingAfter('answered', 'agreed', 'refused').updatedAt).to.equal(4)
  })

  it('forgets the wish to end it when DOKU refused that, and when the link has ended', () => {
    expect(bindingAfter('answered', 'agreed', 'endRequested', 'endRefused')).not.to.have.property('endingSince')
    expect(bindingAfter('answered', 'agreed', 'endRequested', 'refreshed')).to.include({ endingSince: 4 })
    expect(bindingAfter('answered', 'agreed', 'endRequested', 'refused')).not.to.have.property('endingSince')
    expect(hear(bindingAfter('answered', 'agreed', 'endRequested'), 'endRequested', 9)).to.equal(undefined)
    expect(hear(bindingAfter('answered', 'agreed'), 'endRefused', 9)).to.equal(undefined)
  })
})
