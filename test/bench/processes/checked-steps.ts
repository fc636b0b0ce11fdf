import { randomBytes } from 'node:crypto'
import express, { type Request, type Response, Router } from 'express'
import { type AnswerSchema, balanceAnswer, paymentAnswer } from '../../../lib/doku/answers.ts'
import { Inbound, InboundMessage } from '../../../lib/doku/inbound.ts'
import { parsePublicKey } from '../../../lib/doku/keys.ts'
import { isDokuPage } from '../../../lib/doku/pages.ts'
import { readAnswer } from '../../../lib/doku/reading.ts'
import { sha256Hex, signSymmetric, stringToSign } from '../../../lib/doku/signature.ts'
import { formatTimestamp } from '../../../lib/doku/timestamp.ts'
import { nextReference, type OrderRecord, orderDueAt, toPayment } from '../../../lib/flows/orders/payment-record.ts'
import { withEvents, withoutHead } from '../../../lib/flows/outbox/outbox-state.ts'
import { bindingShape, orderShape } from '../../../lib/flows/record-shapes.ts'
import { ReturnStates } from '../../../lib/flows/return-state.ts'
import type { HookEvent } from '../../../lib/model/events.ts'
import { customerOutput, orderOutput, parseInput, parseOutput, paymentInput } from '../../../lib/model/input.ts'
import { externalId, randomUuid } from '../../../lib/primitives/ids.ts'
import { copyOf, parseJson } from '../../../lib/primitives/json.ts'
import { TimeQueue } from '../../../lib/primitives/time-queue.ts'
import { orderDigest } from '../../../lib/records/records.ts'
import type { ServerSetup } from './messages.ts'
import { serve } from './serve.ts'
import { customerIdOf, customerIds, findOrder, mountPath, publicUrl } from './shop.ts'
import { basePath, channel, createLimiter, createPost, readBytes, send } from './steps.ts'

const referenceKey = randomBytes(32)
const [bodyMs, hookMs, claimMs, dayMs, windowMs] = [5_000, 10_000, 15_000, 86_400_000, 300_000]
const maxBodyBytes = 32 * 1024

/** The customer, as far as DOKU is told. */
interface Caller {
  readonly id: string
  readonly deviceId: string
  readonly ipAddress: string
}

interface Call<T> {
  readonly operation: 'payment' | 'balance'
  readonly path: string
  readonly externalId: string
  readonly content: object
  readonly schema: AnswerSchema<T>
}

/**
 * The bare steps with the package's own checks, its own records and its own random names, in one straight function for
 * each route: what the package would be without any structure. Renewing tokens, trying again, refusing what was wrong in
 * a customer's words, other storages, closing and telling of what happens are still not in it.
 */
serve(({ merchant, dokuUrl, limiter }: ServerSetup) => {
  const { clientId, secretKey } = merchant
  const clock = () => Date.now()
  const post = createPost(dokuUrl)
  const returns = new ReturnStates(publicUrl, [secretKey], clientId, clock)
  const accessToken = 'access-token-of-the-merchant'.padEnd(200, '0')
  const records = new Map<string, { readonly text: string; readonly version: number }>()
  const due = new TimeQueue()
  /** By how they are sealed. */
  const openedTokens = new Map<string, string>()
  const self = randomUuid()
  let writes = 0

  for (const customerId of customerIds) {
    const sealed = () => randomBytes(200).toString('base64url')
    const [customerToken, now] = [sealed(), clock()]
    openedTokens.set(customerToken, 'token-of-a-customer'.padEnd(200, '0'))
    const binding = {
      customerId,
      status: 'active',
      phoneNo: sealed(),
      maskedPhoneNo: '62*******7890',
      externalId: externalId(clock),
      authCode: sealed(),
      customerToken,
      customerTokenExpiresAt: now + dayMs,
      createdAt: now,
      updatedAt: now,
    }
    records.set(`binding/${customerId}`, { text: JSON.stringify(binding), version: ++writes })
  }

  /** Compares and sets. @returns the new version */
  function write(key: string, value: OrderRecord, version?: number): number {
    if (records.get(key)?.version !== version) throw new Error('somebody else was first')
    records.set(key, { text: JSON.stringify(value), version: ++writes })
    due.set(key, orderDueAt(value))
    return writes
  }

  function customerTokenOf({ id }: Caller): string {
    const binding = JSON.parse(records.get(`binding/${id}`)?.text ?? 'null')
    const token = bindingShape(binding) && binding.customerId === id && openedTokens.get(binding.customerToken ?? '')
    if (!token || (binding.customerTokenExpiresAt ?? 0) < clock()) throw new Error('no account is linked')
    return token
  }

  async function callDoku<T>(caller: Caller, customerToken: string, call: Call<T>): Promise<T> {
    const { operation, path } = call
    const body = JSON.stringify(call.content)
    const timestamp = formatTimestamp(clock())
    const text = stringToSign({ method: 'POST', path, accessToken, body, timestamp })
    const headers = {
      'Content-Type': 'application/json',
      'X-TIMESTAMP': timestamp,
      'X-SIGNATURE': signSymmetric(text, secretKey),
      'X-PARTNER-ID': clientId,
      'X-EXTERNAL-ID': call.externalId,
      'X-DEVICE-ID': caller.deviceId,
      'X-IP-ADDRESS': caller.ipAddress,
      Authorization: `Bearer ${accessToken}`,
      'Authorization-customer': `Bearer ${customerToken}`,
    }
    const reading = readAnswer(operation, { ...(await post({ path, headers, body })), headers: {} }, call.schema)
    if (!reading.ok) throw reading.error
    return reading.value
  }

  function deliver(key: string, order: OrderRecord, version: number, event: HookEvent): void {
    setImmediate(async () => {
      const timer = setTimeout(() => {}, hookMs)
      await tell(copyOf(event))
      clearTimeout(timer)
      write(key, withoutHead(order, claim()), version)
    })
  }

  const claim = () => ({ by: self, now: clock(), until: clock() + claimMs })

  const router = Router()
  if (limiter) router.use(createLimiter())

  router.post('/payments', async (req, res) => {
    dress(res)
    if (!isOwnPage(req) || !isJson(req)) return send(res, 403, {})
    const caller = identify(req)
    const parsed = parseJson(await readSmallBody(req))
    if (!parsed.ok) return send(res, 400, {})
    const { orderId, payMethod = 'CASH' } = parseInput(paymentInput, parsed.value)
    const { amount: value, lineItems } = parseOutput(orderOutput, 'findOrder()', findOrder(orderId))
    const digest = orderDigest(clientId, orderId)
    const key = `order/${digest}`
    const earlier = records.get(key)
    if (earlier) return send(res, orderShape(JSON.parse(earlier.text)) ? 200 : 500, {})
    const customerToken = customerTokenOf(caller)
    const now = clock()
    const attempt = {
      partnerReferenceNo: nextReference(digest, [], referenceKey),
      externalId: externalId(clock),
      customerId: caller.id,
      status: 'sending',
      amount: value,
      payMethod,
      createdAt: now,
      updatedAt: now,
    } as const
    const version = write(key, { orderId, attempts: [attempt] })
    const { partnerReferenceNo } = attempt
    const amount = { value, currency: 'IDR' }
    const urls = returns.urls('payment', { customerId: caller.id, reference: partnerReferenceNo })
    const { webRedirectUrl, referenceNo } = await callDoku(caller, customerToken, {
      operation: 'payment',
      path: `${basePath}/debit/payment-host-to-host`,
      externalId: attempt.externalId,
      schema: paymentAnswer,
      content: {
        partnerReferenceNo,
        amount,
        payOptionDetails: [{ payMethod, transAmount: amount, feeAmount: { value: '0.00', currency: 'IDR' } }],
        additionalInfo: {
          lineItems,
          successPaymentUrl: urls.success,
          failedPaymentUrl: urls.failed,
          paymentType: 'SALE',
          channel,
        },
      },
    })
    if (!webRedirectUrl || !referenceNo || !isDokuPage(webRedirectUrl, dokuUrl)) return send(res, 502, {})
    const told = { ...attempt, status: 'awaiting-customer', webRedirectUrl, referenceNo, updatedAt: clock() } as const
    const payment = toPayment(orderId, told)
    const [customerId, previousStatus, occurredAt] = [caller.id, 'sending', new Date().toISOString()] as const
    const event = {
      type: 'paymentChanged',
      customerId,
      previousStatus,
      payment,
      id: randomUuid(),
      occurredAt,
      sequence: clock(),
    } as const
    const order = withEvents<OrderRecord>({ orderId, attempts: [told] }, [event], claim())
    deliver(key, order, write(key, order, version), event)
    send(res, 201, payment)
  })

  router.get('/balance', async (req, res) => {
    dress(res)
    const caller = identify(req)
    const { accountInfos } = await callDoku(caller, customerTokenOf(caller), {
      operation: 'balance',
      path: `${basePath}/balance-inquiry`,
      externalId: externalId(clock),
      schema: balanceAnswer,
      content: { additionalInfo: { channel } },
    })
    const find = (type: string) => accountInfos.find(({ balanceType }) => balanceType === type)?.availableBalance
    send(res, 200, { cash: find('CASH'), points: find('POINTS') })
  })

  const inbound = new Inbound({
    clientId,
    secretKeys: [secretKey],
    dokuPublicKeys: [parsePublicKey(merchant.dokuPublicKey)],
    clock,
    notificationWindowMs: windowMs,
    tokenWindowMs: windowMs,
    requireBearer: true,
    signedWith: ['bearer'],
    currentAccessToken: async () => undefined,
  })

  router.post('/webhooks/token', async (req, res) => {
    dress(res)
    const { headers, originalUrl: path } = req
    const answer = await inbound.issueToken(new InboundMessage({ headers, path, body: await readSmallBody(req) }))
    send(res, 200, answer.body, answer.headers)
  })

  return express().use(mountPath, router)
})

/** The host's hook. */
async function tell(_event: HookEvent): Promise<void> {}

function dress(res: Response): void {
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('X-Content-Type-Options', 'nosniff')
}

const ownOrigin = new URL(publicUrl).origin

function isOwnPage({ headers: { origin, 'sec-fetch-site': site } }: Request): boolean {
  return site === undefined ? origin === undefined || origin === ownOrigin : site === 'same-origin'
}

function isJson({ headers }: Request): boolean {
  return /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')
}

function identify(req: Request): Caller {
  const { id } = parseOutput(customerOutput, 'identify()', { id: customerIdOf(req) ?? '' })
  const deviceId = sha256Hex(`${id}\n${req.headers['user-agent'] ?? ''}`).slice(0, 32)
  return { id, deviceId, ipAddress: req.ip ?? '' }
}

async function readSmallBody(req: Request): Promise<Buffer> {
  if (Number(req.headers['content-length']) > maxBodyBytes) throw new Error('too large')
  const timer = setTimeout(() => req.destroy(), bodyMs)
  const bytes = await readBytes(req)
  clearTimeout(timer)
  return bytes
}
