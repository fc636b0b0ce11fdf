import type { RefundAnswer } from '../doku/answers.ts'
import type { DokuError } from '../doku/client.ts'
import type { Meaning } from '../doku/response-codes.ts'
import { ProblemError } from '../errors.ts'
import {
  parseInput,
  type RecordRefundInput,
  type RefundInput,
  recordRefundInput,
  refundInput,
  type SettleInput,
  settleInput,
} from '../model/input.ts'
import type { Refund } from '../model/views.ts'
import { externalId } from '../primitives/ids.ts'
import { parseAmountValue } from '../primitives/money.ts'
import { isWithoutToken } from './bindings/customer-token.ts'
import { restarted } from './check-schedule.ts'
import { dokuProblem } from './doku-problem.ts'
import { permits } from './evidence.ts'
import type { Located, Orders } from './orders/orders.ts'
import type { PaymentChecks } from './orders/payment-check.ts'
import { withRefund } from './orders/payment-news.ts'
import type { PaymentRecord } from './orders/payment-record.ts'
import { tookMoney } from './orders/payment-state.ts'
import { advanceRefund, isOpen, newRefundNo, type RefundRecord, refundable, toRefund } from './orders/refund-record.ts'
import type { Ports } from './ports.ts'
import { logUnaccepted, type Sent, sendOnce } from './session/send-once.ts'
import type { Session } from './session/session.ts'

export interface RefundParts {
  readonly ports: Ports
  readonly session: Session
  readonly orders: Orders
  readonly checks: PaymentChecks
}

/** The result of `refund`. */
export interface RefundResult {
  readonly refund: Refund
  /** False if a refund with this partnerRefundNo existed already; `refund` is that one. */
  readonly created: boolean
}

/** A refund's new status, and the details that came with it. */
type RefundUpdate = { readonly status: RefundRecord['status'] } & Partial<Pick<RefundRecord, 'refundNo' | 'failure'>>

/**
 * Gives money back, whole or part. Like a payment it is written down before it is sent; and what is written is reserved:
 * refunds that run at the same time cannot give back more than was paid.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#10
 */
export class Refunds {
  readonly #parts: RefundParts

  constructor(parts: RefundParts) {
    this.#parts = parts
  }

  /**
   * Refunds a payment: the rest of it, or `amount`. The same `partnerRefundNo` names the same refund again.
   * @throws ProblemError REFUND_NOT_SUPPORTED, INVALID_FIELD, PAYMENT_NOT_FOUND, PAYMENT_NOT_PAID, REFUND_TOO_LARGE,
   * DOKU_UNAVAILABLE; then nothing was sent
   */
  async refund(partnerReferenceNo: string, input: RefundInput): Promise<RefundResult> {
    const wanted = parseInput(refundInput, input)
    if (!this.#parts.ports.endpoints.refund) throw notSupported()
    for (;;) {
      const located = await this.#find(partnerReferenceNo)
      const earlier = findEarlier(located.payment, wanted)
      if (earlier) return { refund: toRefund(earlier), created: false }
      const record = this.#plan(located.payment, wanted)
      const customer = { id: located.payment.customerId }
      await this.#parts.session.prepare(customer).catch((error) => {
        // Money can go back to a customer who has unlinked.
        if (!isWithoutToken(error)) throw dokuProblem(error)
      })
      const reserved = await this.#reserve(located, record)
      if (reserved) return { refund: toRefund(await this.#send(reserved, record)), created: true }
      // Somebody else has changed the payment: compute again what is left of it.
    }
  }

  /**
   * Ends a refund that DOKU does not confirm, after a person has looked it up in DOKU's dashboard.
   * @throws ProblemError INVALID_FIELD, PAYMENT_NOT_FOUND, PAYMENT_NOT_PAID
   */
  async settle(partnerReferenceNo: string, partnerRefundNo: string, input: SettleInput): Promise<Refund> {
    const { outcome: status, by } = parseInput(settleInput, input)
    const { clock, logger } = this.#parts.ports
    const find = ({ refunds }: PaymentRecord) => refunds?.find((one) => one.partnerRefundNo === partnerRefundNo)
    const { payment } = await this.#parts.orders.change(await this.#find(partnerReferenceNo), (current) => {
      const refund = find(current)
      if (!refund) throw invalid('partnerRefundNo', 'the payment has no refund with this number')
      if (refund.status === status) return undefined
      if (!isOpen(refund.status)) throw invalid('partnerRefundNo', `the refund has ${refund.status} already`)
      const failure = { code: 'SETTLED', message: 'A member of staff found that no money was given back.' }
      const settled = { ...refund, status, by, ...(status === 'failed' && { failure }), updatedAt: clock() }
      return permits('release-refund', 'refund settled by a person') ? withRefund(current, settled, clock()) : undefined
    })
    logger.info({ partnerReferenceNo, partnerRefundNo, status, by }, 'a refund was settled by a person')
    return toRefund(find(payment) as RefundRecord)
  }

  /**
   * Counts money that was given back through DOKU's dashboard. The same `partnerRefundNo` counts once, and all refunds
   * together never exceed the payment.
   * @throws ProblemError INVALID_FIELD, PAYMENT_NOT_FOUND, PAYMENT_NOT_PAID, REFUND_TOO_LARGE
   */
  async record(partnerReferenceNo: string, input: RecordRefundInput): Promise<RefundResult> {
    const { by, evidence, ...wanted } = parseInput(recordRefundInput, input)
    const { clock, logger } = this.#parts.ports
    const find = ({ refunds }: PaymentRecord) => refunds?.find((one) => one.partnerRefundNo === wanted.partnerRefundNo)
    let created = false
    const { payment } = await this.#parts.orders.change(await this.#find(partnerReferenceNo), (current) => {
      const earlier = findEarlier(current, wanted)
      if (earlier?.status === 'failed')
        throw invalid('partnerRefundNo', 'the refund with this number failed; give another')
      created = earlier === undefined
      if (!created) return undefined
      const record = { ...this.#plan(current, wanted), status: 'succeeded', by, evidence } as const
      return withRefund(current, record, clock())
    })
    if (created) logger.info({ partnerReferenceNo, ...wanted, by, evidence }, 'a refund was recorded by a person')
    return { refund: toRefund(find(payment) as RefundRecord), created }
  }

  async #find(partnerReferenceNo: string): Promise<Located> {
    const located = await this.#parts.orders.findByReference(partnerReferenceNo)
    if (!located)
      throw new ProblemError('PAYMENT_NOT_FOUND', 'There is no such payment.', { field: 'partnerReferenceNo' })
    if (tookMoney(located.payment.status)) return located
    throw new ProblemError(
      'PAYMENT_NOT_PAID',
      `The payment is ${located.payment.status}; only a paid one can be refunded.`,
    )
  }

  #plan(payment: PaymentRecord, wanted: RefundInput): RefundRecord {
    const { clock, randomBytes } = this.#parts.ports
    const now = clock()
    return {
      partnerRefundNo: wanted.partnerRefundNo ?? newRefundNo(randomBytes),
      externalId: externalId(clock, randomBytes),
      status: 'sending',
      amount: chooseAmount(payment, wanted),
      ...(wanted.reason !== undefined && { reason: wanted.reason }),
      createdAt: now,
      updatedAt: now,
    }
  }

  /** @returns undefined if the payment has changed since the rest of it was computed */
  async #reserve(located: Located, record: RefundRecord): Promise<Located | undefined> {
    const { clock } = this.#parts.ports
    const { payment } = located
    const refunds = [...(payment.refunds ?? []), record]
    return this.#parts.orders.replace(located, { ...payment, refunds, checks: restarted(payment, clock()) })
  }

  /** Only the last refund request decides the status. If the storage fails from here on, the reservation stays behind. */
  async #send(located: Located, record: RefundRecord): Promise<RefundRecord> {
    const { session, ports } = this.#parts
    const { payment } = located
    const request = {
      originalPartnerReferenceNo: payment.partnerReferenceNo,
      partnerRefundNo: record.partnerRefundNo,
      refundAmount: { value: record.amount, currency: 'IDR' },
      ...(record.reason !== undefined && { reason: record.reason }),
    } as const
    const sent = await sendOnce(session, {
      customer: { id: payment.customerId },
      record,
      mayBeUnlinked: true,
      send: (doku, credentials) => doku.refund(credentials, request),
    })
    if (sent.outcome !== 'answered') logUnaccepted(ports.logger, sent.cause, { refund: record.partnerRefundNo })
    return this.#keep(located, record, updateFrom(sent), sent.outcome === 'refused' && isInconsistent(sent.cause))
  }

  /** @param isToConfirm DOKU carried the refund out before, so its status inquiry can tell at once */
  async #keep(
    located: Located,
    record: RefundRecord,
    update: RefundUpdate,
    isToConfirm: boolean,
  ): Promise<RefundRecord> {
    const { orders, checks, ports } = this.#parts
    const find = ({ refunds }: PaymentRecord) => refunds?.find((one) => one.partnerRefundNo === record.partnerRefundNo)
    try {
      const told = await orders.changeWithRetry(located, (payment) => {
        const current = find(payment)
        const status = current && advanceRefund(current.status, update.status)
        return status && withRefund(payment, { ...current, ...update, updatedAt: ports.clock() }, ports.clock())
      })
      const settled = isToConfirm ? await checks.checked(told) : told
      return find(settled.payment) ?? record
    } catch (error) {
      ports.logger.error({ err: error, refund: record.partnerRefundNo }, 'the outcome could not be stored')
      return { ...record, status: 'unknown' }
    }
  }
}

function findEarlier(payment: PaymentRecord, { partnerRefundNo, amount }: RefundInput): RefundRecord | undefined {
  const earlier = payment.refunds?.find((one) => one.partnerRefundNo === partnerRefundNo)
  if (!earlier || amount === undefined || amount === earlier.amount) return earlier
  const detail = `partnerRefundNo: there is a refund of ${earlier.amount} with this number`
  throw new ProblemError('INVALID_FIELD', detail, { field: 'partnerRefundNo' })
}

function invalid(field: string, detail: string): ProblemError {
  return new ProblemError('INVALID_FIELD', `${field}: ${detail}`, { field })
}

function chooseAmount(payment: PaymentRecord, { amount }: RefundInput): string {
  const left = payment.status === 'refunded' ? '0.00' : refundable(payment.amount, payment.refunds)
  const wanted = amount ?? left
  const isTooMuch = (parseAmountValue(wanted) ?? 0n) > (parseAmountValue(left) ?? 0n)
  if (!isTooMuch && wanted !== '0.00') return wanted
  throw new ProblemError('REFUND_TOO_LARGE', `${left} is left of the payment.`, { field: 'amount' })
}

/** An `inconsistent` refund has been carried out before (404xx18, ASPI's rule): DOKU's status will confirm it. */
const verdicts: Readonly<Partial<Record<Meaning, RefundRecord['status']>>> = {
  inconsistent: 'processing',
  'in-progress': 'processing',
  duplicate: 'unknown',
  unknown: 'unknown',
}

function isInconsistent({ meaning }: DokuError): boolean {
  return meaning === 'inconsistent'
}

function updateFrom(sent: Sent<RefundAnswer>): RefundUpdate {
  switch (sent.outcome) {
    case 'answered':
      return { status: 'succeeded', ...(sent.answer.refundNo && { refundNo: sent.answer.refundNo }) }
    case 'not-sent':
      return {
        status: 'failed',
        failure: { code: 'NOT_SENT', message: 'DOKU could not be reached; nothing was given back.' },
      }
    case 'lost':
      return { status: 'unknown' }
    case 'refused': {
      const { meaning, responseCode = '', responseMessage } = sent.cause
      const status = verdicts[meaning] ?? 'failed'
      return status === 'failed' ? { status, failure: { code: responseCode, message: responseMessage } } : { status }
    }
  }
}

function notSupported(): ProblemError {
  return new ProblemError(
    'REFUND_NOT_SUPPORTED',
    "Refunds need api: 'core-v1'; refund this payment in DOKU's dashboard.",
  )
}
