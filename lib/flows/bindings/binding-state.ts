import type { BindingStatus } from '../../model/views.ts'
import type { Statement } from '../evidence.ts'
import type { BindingRecord } from './binding-record.ts'

/** The fields that an event can remove from a record. */
type RemovableField =
  | 'redirectUrl'
  | 'authCode'
  | 'customerToken'
  | 'customerTokenExpiresAt'
  | 'endingSince'
  | 'firstRefusal'
  | 'earlierLinks'
  | 'droppedBy'

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
  /** The statements on which an event may end a link that was active, or forget an authCode. Default: it does neither. */
  readonly because?: readonly Statement[]
}

const token = ['customerToken', 'customerTokenExpiresAt', 'firstRefusal'] as const
const question = ['redirectUrl', 'endingSince'] as const
const everything = [...question, 'authCode', ...token, 'earlierLinks'] as const
const every = ['pending', 'failed', 'active', 'unlinked', 'unbound'] as const

/**
 * Everything that can happen to a binding. A second copy of an event that moved the binding changes nothing, so
 * notifications may arrive twice. An authCode is the only means to end a link at DOKU. So it stays until DOKU has ended
 * the link, or a later link works.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-7
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-11
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
  /** DOKU's notification says that the customer agreed. */
  agreed: {
    from: ['pending', 'failed', 'unlinked'],
    has: 'authCode',
    to: 'active',
    drops: [...question, 'firstRefusal', 'earlierLinks'],
    because: ['another link active'],
  },
  /** DOKU gave a customer token for the authCode, so the link exists. */
  worked: {
    from: ['pending', 'failed', 'unlinked'],
    has: 'authCode',
    to: 'active',
    drops: [...question, 'firstRefusal', 'earlierLinks'],
    because: ['another link active'],
  },
  /** The customer wants to link again, and DOKU gave a customer token for a link that she has already. */
  restored: {
    from: ['pending', 'failed', 'unlinked', 'unbound'],
    has: 'authCode',
    to: 'active',
    drops: [...question, 'firstRefusal', 'earlierLinks'],
    because: ['another link active'],
  },
  /** DOKU gave the next customer token for the authCode. */
  refreshed: { from: ['active'], has: 'authCode', to: 'active', drops: ['firstRefusal'] },
  /** The customer declined, or did not agree in time. She may agree after all. */
  declined: { from: ['pending'], to: 'failed', drops: question },
  /** The customer wants the link ended, and DOKU must confirm that first. */
  endRequested: { from: ['active'], lacks: 'endingSince', to: 'active', drops: [] },
  /** DOKU refused to end the link. */
  endRefused: { from: ['active'], has: 'endingSince', to: 'active', drops: ['endingSince'] },
  /** DOKU refused the authCode, or every token for it: the customer unlinked in the OVO app. */
  refused: {
    from: ['active'],
    to: 'unlinked',
    drops: [...question, ...token],
    because: ['link refused', 'link refused, merchant accepted'],
  },
  /** DOKU ended the link because the customer asked. */
  unbound: { from: ['active'], to: 'unbound', drops: everything, because: ['unbinding confirmed'] },
  /** The customer ended a binding that DOKU does not call linked. */
  discarded: { from: ['pending', 'failed', 'unlinked'], to: 'unbound', drops: [...question, ...token] },
  /** A member of staff ended the record of a link whose key is lost. */
  dropped: { from: every, lacks: 'droppedBy', to: 'unbound', drops: everything, because: ['link dropped by a person'] },
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
