import { isDeepStrictEqual } from 'node:util'
import type { Binding, BindingStatus } from '../../model/views.ts'
import { earliest } from '../../records/records.ts'
import { type CheckHistory, nextCheckAt } from '../check-schedule.ts'
import type { Heard } from '../evidence.ts'
import { outboxDueAt, type WithOutbox } from '../outbox/outbox-state.ts'

/** A link that the customer replaced by a later one, until that one works. Only its authCode can end it at DOKU. */
export interface EarlierLink {
  /** Sealed. */
  readonly authCode: string
  /** Sealed. */
  readonly phoneNo: string
  readonly maskedPhoneNo: string
}

/** A customer's linked OVO account, as the storage keeps it. One customer has at most one. */
export interface BindingRecord extends WithOutbox {
  readonly customerId: string
  readonly status: BindingStatus
  /** Sealed. */
  readonly phoneNo: string
  readonly maskedPhoneNo: string
  /** X-EXTERNAL-ID of the binding request. It names the link: a new binding request gets another one. */
  readonly externalId: string
  /**
   * OVO's page. Sealed, because DOKU has been seen to put the authCode into its address.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#6
   */
  readonly redirectUrl?: string
  /** Sealed. DOKU answers the binding request with it, and gives customer tokens for it once the customer has agreed. */
  readonly authCode?: string
  /** Sealed. */
  readonly customerToken?: string
  /** In ms since the epoch. */
  readonly customerTokenExpiresAt?: number
  /** When the customer asked to end the link, in ms since the epoch. Absent once DOKU has confirmed or refused that. */
  readonly endingSince?: number
  /** The first time that DOKU did not take the authCode of this active binding, or a token for it. Absent once it did. */
  readonly firstRefusal?: Heard
  /** Newest first, at most `earlierLinksAtMost`. Absent once this link works. */
  readonly earlierLinks?: readonly EarlierLink[]
  /** The member of staff who dropped the record. */
  readonly droppedBy?: string
  readonly checks?: CheckHistory
  /** In ms since the epoch. */
  readonly createdAt: number
  /** When the status changed last, or DOKU answered the binding request, in ms since the epoch. */
  readonly updatedAt: number
}

const earlierLinksAtMost = 5

/** The links of a record that a later link replaces. */
export function linksOf({ authCode, phoneNo, maskedPhoneNo, earlierLinks = [] }: BindingRecord): EarlierLink[] {
  const own = authCode === undefined ? [] : [{ authCode, phoneNo, maskedPhoneNo }]
  return [...own, ...earlierLinks].slice(0, earlierLinksAtMost)
}

/** @param redirectUrl the record's own, opened */
export function toBinding({ status, maskedPhoneNo, updatedAt }: BindingRecord, redirectUrl?: string): Binding {
  return {
    status,
    phoneNo: maskedPhoneNo,
    ...(status === 'pending' && redirectUrl !== undefined && { redirectUrl }),
    updatedAt: new Date(updatedAt).toISOString(),
  }
}

/** Whether DOKU must still say if the customer agreed, or if the link has ended. */
export function isUndecided({ status, endingSince }: BindingRecord): boolean {
  return status === 'pending' || endingSince !== undefined
}

/** When the reconciler must look at the binding next, in ms since the epoch. */
export function bindingDueAt(record: BindingRecord): number | undefined {
  return earliest(outboxDueAt(record), isUndecided(record) ? nextCheckAt(record) : undefined)
}

/** Whether at most the events to deliver differ. They change with every delivery and say nothing about the link. */
export function isSameBinding(one: BindingRecord, other: BindingRecord): boolean {
  return isDeepStrictEqual({ ...one, outbox: null, sequence: 0 }, { ...other, outbox: null, sequence: 0 })
}
