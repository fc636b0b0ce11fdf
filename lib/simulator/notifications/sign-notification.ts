import { type KeyObject, randomInt } from 'node:crypto'
import { type Clock, systemClock } from '../../primitives/clock.ts'
import { signedHeaders } from '../protocol/signature.ts'
import { AMOUNT, jakartaTime } from '../protocol/values.ts'
import { isRsaKey, parseKey } from '../settings.ts'
import { PAYMENT_STATUS } from '../state/payments.ts'
import { createMerchantClient, MerchantToken } from './merchant-token.ts'

/**
 * A payment notification.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-2
 */
export interface PaymentNotice {
  readonly partnerReferenceNo: string
  /** Rupiah with two decimals: `'10000.00'`. */
  readonly amount: string
  /** SNAP's latestTransactionStatus. Default: `'00'` (paid). */
  readonly status?: string
  /** DOKU's own number of the payment. Default: left out. */
  readonly referenceNo?: string
}

/**
 * A binding notification.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#6-1
 */
export interface BindingNotice {
  readonly custIdMerchant: string
  /** The authCode from DOKU's answer to the binding request. */
  readonly authCode: string
  /** Default: `'SUCCESS'`. */
  readonly status?: 'SUCCESS' | 'PENDING' | 'FAILED'
}

/** The argument of `signNotification`. Give either `payment` or `binding`. */
export interface NotificationToSign {
  readonly clientId: string
  readonly secretKey: string
  /** The notification URL, as it is in DOKU's dashboard. Its path and query are signed. */
  readonly url: string
  readonly payment?: PaymentNotice
  readonly binding?: BindingNotice
  /**
   * The bearer token, as text. An object makes the function fetch the token first, as DOKU does: from `tokenUrl`, signed with
   * DOKU's private key (PEM or a KeyObject). `null`: no Authorization header.
   */
  readonly accessToken: string | null | { readonly tokenUrl: string; readonly dokuPrivateKey: string | KeyObject }
  /** Replaces these keys of the body, before signing. */
  readonly body?: Readonly<Record<string, unknown>>
  /** X-EXTERNAL-ID: digits. Default: random. */
  readonly externalId?: string
  /** Returns milliseconds since the epoch. Give the app's own clock if it has one. Default: the machine's clock. */
  readonly clock?: Clock
}

/** A request that DOKU could have sent. `fetch(notification.url, notification)` sends it. */
export interface SignedNotification {
  readonly url: string
  readonly method: 'POST'
  /** The names are in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Send exactly this text, because the signature covers it. */
  readonly body: string
}

/**
 * Makes a notification that is signed as DOKU signs it, for tests of a host's app. The function sends no notification: the
 * test sends it once, twice, late, or with a changed byte. It fetches only the token, if `accessToken` is an object.
 * @throws TypeError that names every wrong field
 * @throws Error when the token URL does not answer with a token
 * @example
 * ```ts
 * import { signNotification } from 'express-doku-ovo/simulator'
 *
 * const notification = await signNotification({
 *   clientId: 'BRN-0001-test',
 *   secretKey: 'SK-only-for-tests',
 *   url: 'http://127.0.0.1:3000/ovo/webhooks/notification',
 *   payment: { partnerReferenceNo: '7Q2ZK3M9V0T4C8XW5R1B2N6D7F8G9H0J', amount: '25000.00' },
 *   accessToken: null,
 * })
 * const { status } = await fetch(notification.url, notification)
 * ```
 */
export async function signNotification(wanted: NotificationToSign): Promise<SignedNotification> {
  const problems = problemsOf(wanted)
  if (problems.length > 0) throw new TypeError(`signNotification: ${problems.join('; ')}`)
  const { clientId, secretKey, url, clock = systemClock } = wanted
  const body = JSON.stringify({ ...(wanted.payment ? ofPayment(wanted.payment) : ofBinding(wanted)), ...wanted.body })
  const bearer = await bearerOf(wanted, clock)
  const externalId = wanted.externalId ?? String(randomInt(10 ** 12)).padStart(12, '0')
  const signed = { clientId, secretKey, url, body, bearer, signedToken: bearer ?? '', externalId }
  const headers = signedHeaders({ ...signed, timestamp: jakartaTime(clock()) })
  return { url, method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }
}

function ofPayment({ partnerReferenceNo, amount, status = '00', referenceNo }: PaymentNotice) {
  return {
    originalPartnerReferenceNo: partnerReferenceNo,
    ...(referenceNo !== undefined && { originalReferenceNo: referenceNo }),
    latestTransactionStatus: status,
    ...(isKnownStatus(status) && { transactionStatusDesc: PAYMENT_STATUS[status] }),
    amount: { value: amount, currency: 'IDR' },
    additionalInfo: { acquirerId: 'OVO', accountType: 'WALLET', channelId: 'EMONEY_OVO_SNAP' },
  }
}

function isKnownStatus(status: string): status is keyof typeof PAYMENT_STATUS {
  return Object.hasOwn(PAYMENT_STATUS, status)
}

function ofBinding({ binding, externalId }: NotificationToSign) {
  const additionalInfo = { status: 'SUCCESS', ...binding }
  return { ...(externalId !== undefined && { originalExternalId: externalId }), additionalInfo }
}

async function bearerOf({ accessToken, clientId }: NotificationToSign, clock: Clock): Promise<string | undefined> {
  if (accessToken === null || typeof accessToken === 'string') return accessToken ?? undefined
  const dokuPrivateKey = parseKey(accessToken.dokuPrivateKey, 'private')
  const client = createMerchantClient()
  try {
    return await new MerchantToken({ clientId, dokuPrivateKey, clock }, client).get(accessToken.tokenUrl)
  } finally {
    await client.close()
  }
}

function problemsOf(wanted: NotificationToSign): string[] {
  const { clientId, secretKey, url, payment, binding, accessToken } = wanted
  const isText = (value: unknown) => typeof value === 'string' && value !== ''
  const isUrl = (value: unknown) => isText(value) && URL.canParse(value as string)
  const isBearer = accessToken === null || isText(accessToken)
  const source = typeof accessToken === 'object' && accessToken !== null ? accessToken : undefined
  const isSource = isUrl(source?.tokenUrl) && isRsaKey(source?.dokuPrivateKey, 'private')
  const rules: readonly (readonly [holds: boolean, problem: string])[] = [
    [isText(clientId), 'clientId must be a non-empty string'],
    [isText(secretKey), 'secretKey must be a non-empty string'],
    [isUrl(url), 'url must be an absolute URL'],
    [(payment === undefined) !== (binding === undefined), 'give either payment or binding'],
    [!payment || isText(payment.partnerReferenceNo), 'payment.partnerReferenceNo must be a non-empty string'],
    [!payment || AMOUNT.test(payment.amount), 'payment.amount must be rupiah with two decimals, like "10000.00"'],
    [!binding || isText(binding.custIdMerchant), 'binding.custIdMerchant must be a non-empty string'],
    [!binding || isText(binding.authCode), 'binding.authCode must be a non-empty string'],
    [isBearer || isSource, 'accessToken must be text, null, or { tokenUrl, dokuPrivateKey }'],
  ]
  return rules.filter(([holds]) => !holds).map(([, problem]) => problem)
}
