/** `latestTransactionStatus`, as far as DOKU uses it here. */
export type Code = '00' | '03' | '04' | '05' | '06'

/** One refund that has arrived at DOKU. Nothing is deduplicated: what arrives twice is there twice. */
export interface GivenRefund {
  readonly partnerRefundNo: string
  readonly rupiah: number
  readonly arrivedAt: number
  /** `true`: the money was given back; `undefined`: DOKU is at work. */
  isGiven: boolean | undefined
  /** Whether the status answer's history has it. */
  readonly isShown: boolean
}

/** One payment that has arrived at DOKU. */
export interface Attempt {
  readonly reference: string
  readonly customerId: string
  /** X-DEVICE-ID: from which click it comes. */
  readonly clickId: string
  readonly rupiah: number
  readonly isSale: boolean
  readonly history: { readonly at: number; readonly code: Code }[]
  /** Whether the status inquiry knows it: what is refused at once may leave no trace. */
  readonly isShown: boolean
  /** How far the status inquiry is behind, while things go wrong. */
  readonly lagMs: number
  readonly refunds: GivenRefund[]
  /** How often the customer's money was taken. */
  charges: number
  /** DOKU said that it failed, and took the money after all. */
  isOverturned: boolean
  /** When the merchant acknowledged that it is paid. */
  acknowledgedAt: number | undefined
}

export function codeOf({ history }: Attempt): Code {
  return history.at(-1)?.code ?? '03'
}

export function isOver(attempt: Attempt): boolean {
  const code = codeOf(attempt)
  return code === '05' || code === '06'
}

export function givenBack({ refunds }: Attempt): number {
  return refunds.reduce((sum, { isGiven, rupiah }) => (isGiven ? sum + rupiah : sum), 0)
}
