import { isDeepStrictEqual } from 'node:util'
import type { Binding, BindingStatus } from '../../model/views.ts'
import { earliest } from '../../records/records.ts'
import { type CheckHistory, nextCheckAt } from '../check-schedule.ts'
import { outboxDueAt, type WithOutbox } from '../outbox/outbox-state.ts'

/** What the store keeps of a customer's linked OVO account. */
export interface BindingRecord extends WithOutbox {
  readonly customerId: string
  readonly status: BindingStatus
  /** Sealed. */
  readonly phoneNo: string
  readonly maskedPhoneNo: string
  /** X-EXTERNAL-ID of the binding request: DOKU's notification repeats it. */
  readonly externalId: string
  /** Sealed, because DOKU has been seen to end it with the authCode (protocol.md §6). */
  readonly redirectUrl?: string
  /** Sealed. Comes with the answer to the binding request, can be exchanged once the customer has agreed. */
  readonly authCode?: string
  /** Sealed. */
  readonly customerToken?: string
  readonly customerTokenExpiresAt?: number
  /** The customer wants it ended, and DOKU has not confirmed that yet. In ms since the epoch. */
  readonly endingSince?: number
  readonly checks?: CheckHistory
  readonly createdAt: number
  readonly updatedAt: number
}

/** `redirectUrl`: the record's, opened. */
export function toBinding({ status, maskedPhoneNo, updatedAt }: BindingRecord, redirectUrl?: string): Binding {
  return {
    status,
    phoneNo: maskedPhoneNo,
    ...(status === 'pending' && redirectUrl !== undefined && { redirectUrl }),
    updatedAt: new Date(updatedAt).toISOString(),
  }
}

/** The record after its status has changed. What opens nothing any more is not kept. */
export function withStatus(record: BindingRecord, status: BindingStatus, now: number): BindingRecord {
  const { redirectUrl: _page, endingSince: _ending, ...kept } = record
  if (status !== 'unlinked' && status !== 'unbound') return { ...kept, status, updatedAt: now }
  const { authCode: _code, customerToken: _token, customerTokenExpiresAt: _end, ...bare } = kept
  return { ...bare, status, updatedAt: now }
}

/** Whether DOKU has yet to say the last word: that the customer agreed, or that the link has ended. */
export function isUndecided({ status, endingSince }: BindingRecord): boolean {
  return status === 'pending' || endingSince !== undefined
}

/** When somebody has to look after the binding next, in ms since the epoch. */
export function bindingDueAt(record: BindingRecord): number | undefined {
  return earliest(outboxDueAt(record), isUndecided(record) ? nextCheckAt(record) : undefined)
}

/** Whether both hold what the same answer of DOKU brought: sealed anew or not, and not ended meanwhile. */
export function isSameLink(one: BindingRecord, other: BindingRecord): boolean {
  return one.externalId === other.externalId && (one.authCode === undefined) === (other.authCode === undefined)
}

/** Whether only what is still to be told to the host differs: that changes by itself, whenever something is delivered. */
export function isSameBinding(one: BindingRecord, other: BindingRecord): boolean {
  return isDeepStrictEqual({ ...one, outbox: null }, { ...other, outbox: null })
}
