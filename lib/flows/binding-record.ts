/** Where a binding stands. Only an `active` one can pay. */
export type BindingStatus = 'pending' | 'active' | 'failed' | 'unlinked' | 'unbound'

/** What the store keeps of a customer's linked OVO account. */
export interface BindingRecord {
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
  readonly createdAt: number
  readonly updatedAt: number
}

/** A customer's linked OVO account, as the customer and the host see it. */
export interface Binding {
  readonly status: BindingStatus
  /** Masked: `62*******7890`. */
  readonly phoneNo: string
  /** OVO's page, where the customer agrees with OTP and PIN. Only while `pending`. */
  readonly redirectUrl?: string
  /** ISO 8601, UTC. */
  readonly updatedAt: string
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
  const { redirectUrl: _page, ...kept } = record
  if (status !== 'unlinked' && status !== 'unbound') return { ...kept, status, updatedAt: now }
  const { authCode: _code, customerToken: _token, customerTokenExpiresAt: _end, ...bare } = kept
  return { ...bare, status, updatedAt: now }
}
