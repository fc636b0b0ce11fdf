import type { VerifiedNotification } from '../doku/inbound.ts'
import {
  fieldFormat,
  InboundRefusal,
  inboundServiceCodes,
  mandatoryField,
  refusalCases,
  type SnapReply,
} from '../doku/snap-reply.ts'
import { ProblemError } from '../errors.ts'
import { isObject, type Json, type JsonObject } from '../primitives/json.ts'
import { formatAmountValue, parseAmountValue } from '../primitives/money.ts'
import { oneLine } from '../redaction.ts'
import { withEvent } from './bindings/binding-state.ts'
import type { BindingStore } from './bindings/binding-store.ts'
import type { CustomerTokens } from './bindings/customer-token.ts'
import type { Located, Orders } from './orders/orders.ts'
import type { PaymentChecks } from './orders/payment-check.ts'
import { updateFromDoku, withClaim, withDoubt, withUpdate } from './orders/payment-news.ts'
import { digestInReference } from './orders/payment-record.ts'
import { advance, statusFromDoku, tookMoney } from './orders/payment-state.ts'
import type { UnmatchedNotifications } from './orders/unmatched.ts'
import type { Outbox } from './outbox/outbox.ts'
import type { Ports } from './ports.ts'

export interface NotificationParts {
  readonly ports: Ports
  readonly orders: Orders
  readonly checks: PaymentChecks
  readonly bindings: BindingStore
  readonly customerTokens: CustomerTokens
  readonly outbox: Outbox
  readonly unmatched: UnmatchedNotifications
  /** Whether a notification is enough to call a payment paid, or DOKU is asked first. */
  readonly confirmPaid: 'signature' | 'ask'
  /** Runs work that nobody waits for. */
  readonly inBackground: (work: () => Promise<unknown>) => void
}

/**
 * The message of each acknowledgement.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#6-1
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-2
 */
const acknowledgements = { payment: 'Request has been processed successfully', binding: 'Successful' } as const

/** The events of a binding, by DOKU's word for its status. PENDING says nothing new. */
const bindingEvents = { SUCCESS: 'agreed', FAILED: 'declined', PENDING: undefined } as const

const isBindingStatus = (status: string): status is keyof typeof bindingEvents => Object.hasOwn(bindingEvents, status)

/**
 * Carries out a genuine notification: it moves one payment or binding forward. A notification that comes twice, too late
 * or for nobody changes nothing, and is acknowledged too, because otherwise DOKU would send it again.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-4
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-5
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-6
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#6-1
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-2
 */
export class Notifications {
  readonly #parts: NotificationParts

  constructor(parts: NotificationParts) {
    this.#parts = parts
  }

  /**
   * Returns the acknowledgement, once the change is stored.
   * @throws InboundRefusal naming the field, or 4045613 for an amount that differs
   * @throws StorageError, or ProblemError DOKU_UNAVAILABLE, DOKU_REFUSED; then DOKU must send the notification again
   */
  async receive(notification: VerifiedNotification): Promise<SnapReply> {
    const { kind } = notification
    await (kind === 'binding' ? this.#receiveBinding(notification) : this.#receivePayment(notification))
    return { responseCode: `200${inboundServiceCodes[kind]}00`, responseMessage: acknowledgements[kind] }
  }

  async #receivePayment({ body, fresh }: VerifiedNotification): Promise<void> {
    const service = inboundServiceCodes.payment
    const reference = requireText(body, 'originalPartnerReferenceNo', service)
    const latest = requireText(body, 'latestTransactionStatus', service)
    if (!/^0[0-7]$/.test(latest)) throw fieldFormat(service, 'latestTransactionStatus')
    const amount = readAmount(body, latest === '00')
    const located = await this.#parts.orders.findByReference(reference)
    if (!located && latest === '00') return this.#keepUnmatched(reference, body)
    if (!located) return this.#unmatched('payment', reference)
    if (amount !== undefined && amount !== parseAmountValue(located.payment.amount)) {
      throw new InboundRefusal(service, refusalCases.invalidAmount, 'Invalid Amount')
    }
    if (!fresh) await this.#askAbout(located, latest, shortText(body.originalReferenceNo, 64))
    else await this.#advance(located, latest, body)
  }

  async #advance(located: Located, latest: string, body: JsonObject): Promise<void> {
    const status = statusFromDoku(latest)
    if (status === undefined) return
    const words = {
      latestTransactionStatus: latest,
      transactionStatusDesc: shortText(body.transactionStatusDesc, 150),
      originalReferenceNo: shortText(body.originalReferenceNo, 64),
    }
    const { checks, confirmPaid, inBackground, orders, ports } = this.#parts
    if (status === 'paid' && confirmPaid === 'ask' && !tookMoney(located.payment.status)) {
      let isNew = false
      const claimed = await orders.change(located, (payment) => {
        const next = withClaim(payment, ports.clock())
        isNew = next !== undefined
        return next
      })
      // A claim is asked about at once only once, however often the notification is repeated.
      if (isNew) inBackground(() => checks.confirmClaim(claimed))
      return
    }
    await orders.change(located, (payment) => withUpdate(payment, updateFromDoku(status, words), ports.clock()))
  }

  /**
   * A stale notification may be a replay, so DOKU is asked whether it is true, unless it would change nothing. If DOKU
   * cannot say, this throws and DOKU sends it again: a genuine notification that came late is not lost.
   */
  async #askAbout(located: Located, latest: string, referenceNo: string | undefined): Promise<void> {
    const { checks, orders, ports } = this.#parts
    const status = statusFromDoku(latest)
    if (status === undefined || !advance(located.payment.status, status)) return
    const { located: checked } = await checks.checkUnscheduled(located)
    await orders.change(checked, (payment) =>
      advance(payment.status, status) ? withDoubt(payment, referenceNo, ports.clock()) : undefined,
    )
  }

  async #receiveBinding({ body, fresh }: VerifiedNotification): Promise<void> {
    const service = inboundServiceCodes.binding
    const details = isObject(body.additionalInfo) ? body.additionalInfo : {}
    const customerId = requireText(details, 'custIdMerchant', service, 'additionalInfo.')
    const authCode = requireText(details, 'authCode', service, 'additionalInfo.')
    const status = requireText(details, 'status', service, 'additionalInfo.')
    if (!isBindingStatus(status)) throw fieldFormat(service, 'additionalInfo.status')
    const { bindings, ports } = this.#parts
    const stored = await bindings.read(customerId)
    const known = stored && (await bindings.open(stored, 'authCode'))
    if (!stored || known !== authCode) return this.#unmatched('binding', customerId)
    if (!fresh) return this.#askAboutBinding(customerId, status)
    const event = bindingEvents[status]
    if (event) await bindings.change(stored, (binding) => withEvent(binding, event, ports.clock()))
  }

  /** A stale SUCCESS counts only if DOKU gives a customer token for the authCode. */
  async #askAboutBinding(customerId: string, status: string): Promise<void> {
    if (status !== 'SUCCESS') return
    await this.#parts.customerTokens.fetch(customerId).catch((error) => {
      if (!(error instanceof ProblemError && error.code === 'BINDING_REQUIRED')) throw error
      this.#parts.ports.logger.warn({ err: error, customerId }, 'a stale binding notification was not confirmed')
    })
  }

  /**
   * A payment was made, and no record knows it: a failover has lost the record. It is kept, so that the order is not
   * charged again before DOKU has said what became of it.
   */
  async #keepUnmatched(reference: string, body: JsonObject): Promise<void> {
    const partnerReferenceNo = oneLine(reference)
    const { orders, ports, unmatched } = this.#parts
    const amount = formatAmountValue(readAmount(body, true) ?? 0n)
    const referenceNo = shortText(body.originalReferenceNo, 64)
    const notified = { partnerReferenceNo, amount, ...(referenceNo && { referenceNo }), createdAt: ports.clock() }
    ports.logger.error({ partnerReferenceNo }, 'DOKU calls a payment paid that no record knows')
    // A reference of 32 hexadecimal digits is a UUID of the host's, although it has the form of ours.
    const own = /^[0-9A-F]{32}$/.test(partnerReferenceNo) ? undefined : digestInReference(partnerReferenceNo)
    const digest = (await orders.digestOfChosen(partnerReferenceNo)) ?? own
    const isKept = digest ? await orders.addUnmatched(digest, notified) : await unmatched.add(notified)
    if (!isKept) this.#unmatched('payment', partnerReferenceNo)
  }

  #unmatched(subject: 'payment' | 'binding', reference: string): void {
    this.#parts.outbox.announce({ type: 'notificationUnmatched', subject, reference: oneLine(reference) })
  }
}

function requireText(body: JsonObject, field: string, service: string, prefix = ''): string {
  const value: Json | undefined = Object.hasOwn(body, field) ? body[field] : undefined
  if (value === undefined || value === '') throw mandatoryField(service, prefix + field)
  if (typeof value !== 'string' || value.length > 2048) throw fieldFormat(service, prefix + field)
  return value
}

function shortText(value: Json | undefined, longest: number): string | undefined {
  return typeof value === 'string' ? oneLine(value.slice(0, longest)) : undefined
}

/**
 * The notification's amount in sen. If there is one, it must be rupiah.
 * @param required a notification that says "paid" must name its amount
 */
function readAmount(body: JsonObject, required: boolean): bigint | undefined {
  const service = inboundServiceCodes.payment
  if (body.amount === undefined && !required) return undefined
  if (!isObject(body.amount))
    throw body.amount === undefined ? mandatoryField(service, 'amount') : fieldFormat(service, 'amount')
  const value = requireText(body.amount, 'value', service, 'amount.')
  const currency = requireText(body.amount, 'currency', service, 'amount.')
  const sen = parseAmountValue(value)
  if (sen === undefined) throw fieldFormat(service, 'amount.value')
  if (currency !== 'IDR') throw fieldFormat(service, 'amount.currency')
  return sen
}
