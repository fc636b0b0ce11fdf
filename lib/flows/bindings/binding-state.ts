import type { BindingStatus } from '../../model/views.ts'
import type { BindingRecord } from './binding-record.ts'

/** The fields that an event can remove from a record. */
type RemovableField = 'redirectUrl' | 'authCode' | 'customerToken' | 'customerTokenExpiresAt' | 'endingSince'

interface Transition {
  /** In every other status the event changes nothing. */
  readonly from: readonly BindingStatus[]
  /** The event changes nothing if the record has no such field. */
  readonly has?: RemovableField
  /** The event changes nothing if the record has such a field already. */
  readonly lacks?: RemovableField
  readonly to: BindingStatus
  /** The record keeps every other field. */
  readonly drops: readonly RemovableField[]
}

const token = ['customerToken', 'customerTokenExpiresAt'] as const
const question = ['redirectUrl', 'endingSince'] as const
const everything = [...question, 'authCode', ...token] as const

/**
 * Everything that can happen to a binding. A second copy of an event that moved the binding changes nothing, so
 * notifications may arrive twice. `unbound` is final: the customer starts a new binding, which is a new record.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-7
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#4
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-4
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-7
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#6
 */
export const transitions = {
  /** DOKU answered the binding request with OVO's page and an authCode. */
  answered: { from: ['pending'], lacks: 'authCode', to: 'pending', drops: [] },
  /** The binding request brought no authCode. Without one nobody can finish the link, even if DOKU made it. */
  abandoned: { from: ['pending'], lacks: 'authCode', to: 'failed', drops: question },
  /** DOKU said that the customer agreed: in a notification, or with a customer token for the authCode. */
  agreed: { from: ['pending', 'failed', 'unlinked'], has: 'authCode', to: 'active', drops: question },
  /** DOKU gave the next customer token for the authCode. */
  refreshed: { from: ['active'], has: 'authCode', to: 'active', drops: [] },
  /** The customer declined, or did not agree in time. The authCode stays, because she may agree after all. */
  declined: { from: ['pending'], to: 'failed', drops: question },
  /** The customer wants the link ended, and DOKU must confirm that first. */
  endRequested: { from: ['active'], lacks: 'endingSince', to: 'active', drops: [] },
  /** DOKU refused to end the link. */
  endRefused: { from: ['active'], has: 'endingSince', to: 'active', drops: ['endingSince'] },
  /** DOKU refused even a new customer token. The authCode stays: if it still works, the next token makes it active. */
  tokenRefused: { from: ['active'], to: 'unlinked', drops: token },
  /** DOKU refused the authCode: the customer unlinked in the OVO app. */
  codeRefused: { from: ['active'], to: 'unlinked', drops: everything },
  /** DOKU ended the link because the customer asked. */
  unbound: { from: ['active'], to: 'unbound', drops: everything },
  /** The customer ended a binding that DOKU does not call linked. */
  discarded: { from: ['pending', 'failed', 'unlinked'], to: 'unbound', drops: everything },
} as const satisfies Record<string, Transition>

export type BindingEvent = keyof typeof transitions

/**
 * The record after an event.
 * @param brings the fields that the event adds
 * @returns undefined if the event changes nothing in this state
 */
export function withEvent(
  binding: BindingRecord,
  event: BindingEvent,
  now: number,
  brings: Partial<BindingRecord> = {},
): BindingRecord | undefined {
  const { from, to, drops, has, lacks }: Transition = transitions[event]
  const applies =
    from.includes(binding.status) &&
    (has === undefined || binding[has] !== undefined) &&
    (lacks === undefined || binding[lacks] === undefined)
  if (!applies) return undefined
  const kept = Object.entries(binding).filter(([field]) => !(drops as readonly string[]).includes(field))
  const updatedAt = to === binding.status ? binding.updatedAt : now
  return { ...(Object.fromEntries(kept) as unknown as BindingRecord), status: to, updatedAt, ...brings }
}
