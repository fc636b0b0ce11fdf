import { createHash, createHmac, createPrivateKey, sign } from 'node:crypto'
import type { Request } from 'autocannon'
import type { LoadJob, ScenarioName, Secrets } from './messages.ts'
import { customerIds, mountPath, orderAmount, publicUrl } from './shop.ts'
import { storedReference } from './stored-payments.ts'

/** A request, ready to leave. */
export interface Ready {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string
}

/** Makes the `number`th request of a scenario; numbers never come twice for the same server. */
export type MakeRequest = (number: number) => Ready

const json = { 'content-type': 'application/json' }

function timestampNow(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`
}

function customerOf(number: number): Record<string, string> {
  return { 'x-customer': customerIds[number % customerIds.length] ?? '' }
}

function payment(): MakeRequest {
  return (number) => ({
    method: 'POST',
    path: `${mountPath}/payments`,
    headers: { ...json, ...customerOf(number) },
    body: JSON.stringify({ orderId: `order-${number}`, payMethod: 'CASH' }),
  })
}

/** What the README of DOKU's library has the browser send: the whole payment. */
function sdkPayment(): MakeRequest {
  const amount = { value: orderAmount, currency: 'IDR' }
  const payOptionDetails = [{ payMethod: 'CASH', transAmount: amount, feeAmount: { value: '0.00', currency: 'IDR' } }]
  const additionalInfo = {
    channel: 'EMONEY_OVO_SNAP',
    paymentType: 'SALE',
    successPaymentUrl: `${publicUrl}/success`,
    failedPaymentUrl: `${publicUrl}/failed`,
    lineItems: [{ name: 'Batik scarf', price: orderAmount, quantity: 1 }],
  }
  return (number) => ({
    method: 'POST',
    path: `${mountPath}/payments`,
    // The library refuses addresses of fewer than ten characters, 127.0.0.1 among them, without a request to DOKU.
    headers: { ...json, 'x-ip-address': '203.0.113.10' },
    body: JSON.stringify({
      partnerReferenceNo: `order-${number}`,
      amount,
      payOptionDetails,
      additionalInfo,
      authCode: 'auth-code-of-a-customer',
    }),
  })
}

/** DOKU tells that a payment was made: each of another one, so that each changes something. */
function notification({ secrets, bearer }: LoadJob): MakeRequest {
  return (number) => notificationOf(storedReference(secrets.clientId, number), number, secrets, bearer)
}

/** @see docs/protocol.md §7.2 */
function notificationOf(reference: string, number: number, secrets: Secrets, bearer: string): Ready {
  const path = `${mountPath}/webhooks/notification`
  const timestamp = timestampNow()
  const body = JSON.stringify({
    originalPartnerReferenceNo: reference,
    originalReferenceNo: String(number).padStart(20, '2'),
    latestTransactionStatus: '00',
    transactionStatusDesc: 'Success',
    amount: { value: orderAmount, currency: 'IDR' },
    additionalInfo: { acquirerId: 'OVO', accountType: 'WALLET', channelId: 'EMONEY_OVO_SNAP' },
  })
  const digest = createHash('sha256').update(body).digest('hex')
  const text = `POST:${path}:${bearer}:${digest}:${timestamp}`
  const headers = {
    ...json,
    authorization: `Bearer ${bearer}`,
    'x-timestamp': timestamp,
    'x-signature': createHmac('sha512', secrets.secretKey).update(text).digest('base64'),
    'x-partner-id': secrets.clientId,
    'x-external-id': String(number),
  }
  return { method: 'POST', path, headers, body }
}

/** DOKU's own signature costs it more than checking it costs us, so each one is used for as long as it says the time. */
export function tokenRequest({ clientId, dokuPrivateKey }: Secrets): MakeRequest {
  const key = createPrivateKey(dokuPrivateKey)
  const signed = { timestamp: '', signature: '' }
  return () => {
    const timestamp = timestampNow()
    if (signed.timestamp !== timestamp) {
      signed.timestamp = timestamp
      signed.signature = sign('sha256', Buffer.from(`${clientId}|${timestamp}`), key).toString('base64')
    }
    return {
      method: 'POST',
      path: `${mountPath}/webhooks/token`,
      headers: { ...json, 'x-client-key': clientId, 'x-timestamp': timestamp, 'x-signature': signed.signature },
      body: JSON.stringify({ grantType: 'client_credentials' }),
    }
  }
}

function balance(): MakeRequest {
  return (number) => ({ method: 'GET', path: `${mountPath}/balance`, headers: customerOf(number), body: '' })
}

/** The scenarios of one kind of request each. */
export const makers: Readonly<Record<Exclude<ScenarioName, 'everything'>, (job: LoadJob) => MakeRequest>> = {
  payment,
  'sdk-payment': sdkPayment,
  notification,
  token: ({ secrets }) => tokenRequest(secrets),
  balance,
}

/** What one request of `everything` tells the next. */
interface Told {
  number: number
  reference: string
}

/** autocannon hands one object of its own from request to request, and starts with an empty one after the last. */
const toldBy = (context: object) => context as Told

/** What a customer and DOKU do with one order, one after the other: pay, tell, look, and what goes on around it. */
function everything(job: LoadJob, nextNumber: () => number): Request[] {
  const { secrets, bearer } = job
  const [pay, askBalance, askToken] = [payment(), balance(), tokenRequest(secrets)]
  const paying = withContext((told) => {
    told.number = nextNumber()
    return pay(told.number)
  })
  return [
    {
      ...paying,
      onResponse: (_status, body, context) => {
        toldBy(context).reference = /"partnerReferenceNo":"(\w+)"/.exec(body)?.[1] ?? ''
      },
    },
    withContext(({ reference, number }) => notificationOf(reference, number, secrets, bearer)),
    withContext(({ reference, number }) => ({ ...askBalance(number), path: `${mountPath}/payments/${reference}` })),
    withContext(({ number }) => askBalance(number)),
    withContext(({ number }) => askToken(number)),
  ]
}

function withContext(make: (told: Told) => Ready): Request {
  return { setupRequest: (request, context) => ({ ...request, ...make(toldBy(context)) }) }
}

/** The scenario, as autocannon runs it. */
export function requestsOf(job: LoadJob): Request[] {
  let number = job.from
  const nextNumber = () => number++
  if (job.scenario === 'everything') return everything(job, nextNumber)
  const make = makers[job.scenario](job)
  return [{ setupRequest: (request) => ({ ...request, ...make(nextNumber()) }) }]
}
