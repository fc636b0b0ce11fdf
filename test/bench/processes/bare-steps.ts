import { createCipheriv, createHmac, createPublicKey, hash, randomFillSync, randomUUID, verify } from 'node:crypto'
import express, { Router } from 'express'
import type { ServerSetup } from './messages.ts'
import { serve } from './serve.ts'
import { customerIdOf, findOrder, mountPath, publicUrl } from './shop.ts'
import { basePath, channel, createLimiter, createPost, readBytes, send } from './steps.ts'
import { storedPayment } from './stored-payments.ts'

/**
 * What the package's promises consist of, each step in its cheapest form and in straight functions; nothing that comes in
 * is checked, but for DOKU's signature. A row that this does not reach is out of the package's reach too.
 *
 * All are counted by the same limiter. Payments: the binding is read, the attempt written before it is sent, the outcome written
 * with its event, the hook told in the next turn, and the event taken out. Notifications: the signature, the record read
 * and written twice, the hook. Token: DOKU's RSA signature, and a signed token.
 */
serve(({ merchant, dokuUrl, limiter, awaiting }: ServerSetup) => {
  const { clientId, secretKey } = merchant
  const post = createPost(dokuUrl)
  const dokuKey = createPublicKey(merchant.dokuPublicKey)
  const accessToken = 'access-token-of-the-merchant'.padEnd(200, '0')
  const binding = JSON.stringify({ customerToken: 'token-of-a-customer'.padEnd(200, '0') })
  const returnKey = randomFillSync(Buffer.alloc(32))
  const records = new Map<string, string>()
  for (let number = 0; number < awaiting; number++) {
    const { value } = storedPayment(clientId, number, 'awaiting-customer', Date.now())
    const { attempts } = value as unknown as { attempts: { partnerReferenceNo: string }[] }
    records.set(attempts[0]?.partnerReferenceNo ?? '', JSON.stringify(value))
  }

  const now = () => `${new Date().toISOString().slice(0, 19)}Z`
  const hmac = (text: string) => createHmac('sha512', secretKey).update(text).digest('base64')
  const signature = (path: string, token: string, body: string | Buffer, timestamp: string) =>
    hmac(`POST:${path}:${token}:${hash('sha256', body)}:${timestamp}`)

  async function callDoku(path: string, ipAddress: string, content: object): Promise<Record<string, unknown>> {
    const { customerToken } = JSON.parse(binding)
    const body = JSON.stringify(content)
    const timestamp = now()
    const headers = {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${accessToken}`,
      'Authorization-customer': `Bearer ${customerToken}`,
      'X-PARTNER-ID': clientId,
      'X-EXTERNAL-ID': randomUUID(),
      'X-TIMESTAMP': timestamp,
      'X-SIGNATURE': signature(path, accessToken, body, timestamp),
      'X-IP-ADDRESS': ipAddress,
    }
    return JSON.parse((await post({ path, headers, body })).body)
  }

  /** The order's record, its event for the hook with it, and the event taken out again when the hook was told. */
  function keep(reference: string, record: object, event: object): void {
    records.set(reference, JSON.stringify({ ...record, events: [event] }))
    setImmediate(() => {
      tell(JSON.parse(JSON.stringify(event)))
      records.set(reference, JSON.stringify(record))
    })
  }

  function returnState(reference: string): string {
    // Not random enough for more than a measurement, and cheaper than what is.
    const nonce = Buffer.from(randomUUID()).subarray(0, 12)
    const cipher = createCipheriv('aes-256-gcm', returnKey, nonce)
    return Buffer.concat([nonce, cipher.update(reference), cipher.final(), cipher.getAuthTag()]).toString('base64url')
  }

  const router = Router()
  if (limiter) router.use(createLimiter())

  router.post('/payments', async (req, res) => {
    const { orderId } = JSON.parse(String(await readBytes(req))) as { orderId: string }
    const customerId = customerIdOf(req) ?? ''
    const { amount: value, lineItems } = findOrder(orderId)
    const partnerReferenceNo = randomUUID().replaceAll('-', '')
    const createdAt = new Date().toISOString()
    const attempt = { partnerReferenceNo, orderId, customerId, status: 'sending', amount: value, createdAt }
    records.set(orderId, JSON.stringify(attempt))
    const amount = { value, currency: 'IDR' }
    const state = returnState(partnerReferenceNo)
    const answer = await callDoku(`${basePath}/debit/payment-host-to-host`, req.ip ?? '', {
      partnerReferenceNo,
      amount,
      payOptionDetails: [{ payMethod: 'CASH', transAmount: amount, feeAmount: { value: '0.00', currency: 'IDR' } }],
      additionalInfo: {
        lineItems,
        successPaymentUrl: `${publicUrl}/return/payment/${state}/success`,
        failedPaymentUrl: `${publicUrl}/return/payment/${state}/failed`,
        paymentType: 'SALE',
        channel,
      },
    })
    const { webRedirectUrl, referenceNo } = answer
    const status = 'awaiting-customer'
    const payment = { partnerReferenceNo, orderId, status, amount, webRedirectUrl, referenceNo, createdAt }
    keep(orderId, { ...attempt, status, webRedirectUrl, referenceNo }, { type: 'paymentChanged', customerId, payment })
    send(res, 201, payment)
  })

  router.get('/balance', async (req, res) => {
    const content = { additionalInfo: { channel } }
    const { accountInfos } = await callDoku(`${basePath}/balance-inquiry`, req.ip ?? '', content)
    const [cash, points] = accountInfos as { availableBalance: object }[]
    send(res, 200, { cash: cash?.availableBalance, points: points?.availableBalance })
  })

  router.post('/webhooks/token', async (req, res) => {
    const body = String(await readBytes(req))
    const text = Buffer.from(`${clientId}|${req.headers['x-timestamp']}`)
    const isGenuine = verify('sha256', text, dokuKey, Buffer.from(String(req.headers['x-signature']), 'base64'))
    if (!isGenuine || JSON.parse(body).grantType !== 'client_credentials') return send(res, 401, {})
    const claims = Buffer.from(JSON.stringify({ jti: randomUUID(), exp: Date.now() })).toString('base64url')
    const token = `${claims}.${createHmac('sha256', secretKey).update(claims).digest('base64url')}`
    send(res, 200, { responseCode: '2007300', accessToken: token, tokenType: 'Bearer', expiresIn: 900 })
  })

  router.post('/webhooks/notification', async (req, res) => {
    const body = String(await readBytes(req))
    const { authorization = '', 'x-timestamp': timestamp, 'x-signature': given } = req.headers
    const wanted = signature(req.originalUrl, authorization.slice(7), body, String(timestamp))
    const { originalPartnerReferenceNo: reference } = JSON.parse(body)
    const record = records.get(reference)
    if (wanted !== given || record === undefined) return send(res, 401, {})
    const paid = { ...JSON.parse(record), status: 'paid' }
    keep(reference, paid, { type: 'paymentChanged', payment: paid })
    send(res, 200, { responseCode: '2005600', responseMessage: 'Request has been processed successfully' })
  })

  return express().use(mountPath, router)
})

/** The host's hook. */
function tell(_event: object): void {}
