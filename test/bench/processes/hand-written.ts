import { createHash, createHmac, randomInt, randomUUID } from 'node:crypto'
import express from 'express'
import { Pool } from 'undici'
import { serve } from './serve.ts'
import { customerIdOf, findOrder, mountPath, publicUrl } from './shop.ts'

const basePath = '/direct-debit/core/v1'
const channel = 'EMONEY_OVO_SNAP'

/**
 * The same two routes as a good engineer writes them by hand, on the same Express and the same undici, and no slower
 * than need be: with tokens that never expire, and nothing that keeps money safe. No record, no check of anything, no
 * deadline, no hook.
 */
serve(({ merchant: { clientId, secretKey }, dokuUrl }) => {
  const pool = new Pool(dokuUrl, { connections: 128 })
  const accessToken = 'access-token-of-the-merchant'.padEnd(200, '0')
  const customerToken = 'token-of-a-customer'.padEnd(200, '0')

  async function callDoku(path: string, ipAddress: string | undefined, content: object) {
    const body = JSON.stringify(content)
    const timestamp = `${new Date().toISOString().slice(0, 19)}Z`
    const digest = createHash('sha256').update(body).digest('hex')
    const text = `POST:${path}:${accessToken}:${digest}:${timestamp}`
    const answer = await pool.request({
      path,
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Authorization: `Bearer ${accessToken}`,
        'Authorization-customer': `Bearer ${customerToken}`,
        'X-PARTNER-ID': clientId,
        'X-EXTERNAL-ID': `${Date.now()}${randomInt(1e12)}`,
        'X-TIMESTAMP': timestamp,
        'X-SIGNATURE': createHmac('sha512', secretKey).update(text).digest('base64'),
        'X-IP-ADDRESS': ipAddress ?? '',
      },
      body,
    })
    if (answer.statusCode !== 200) throw new Error(`DOKU answered ${answer.statusCode}`)
    return (await answer.body.json()) as Record<string, unknown>
  }

  const app = express()

  app.post(`${mountPath}/payments`, express.json(), async (req, res) => {
    if (!customerIdOf(req)) return void res.sendStatus(401)
    const { orderId } = req.body as { orderId: string }
    const { amount: value, lineItems } = findOrder(orderId)
    const partnerReferenceNo = randomUUID().replaceAll('-', '')
    const amount = { value, currency: 'IDR' }
    const { webRedirectUrl, referenceNo } = await callDoku(`${basePath}/debit/payment-host-to-host`, req.ip, {
      partnerReferenceNo,
      amount,
      payOptionDetails: [{ payMethod: 'CASH', transAmount: amount, feeAmount: { value: '0.00', currency: 'IDR' } }],
      additionalInfo: {
        lineItems,
        successPaymentUrl: `${publicUrl}/return/${partnerReferenceNo}/success`,
        failedPaymentUrl: `${publicUrl}/return/${partnerReferenceNo}/failed`,
        paymentType: 'SALE',
        channel,
      },
    })
    res.status(201).json({ partnerReferenceNo, orderId, status: 'pending', amount, webRedirectUrl, referenceNo })
  })

  app.get(`${mountPath}/balance`, async (req, res) => {
    if (!customerIdOf(req)) return void res.sendStatus(401)
    const { accountInfos } = await callDoku(`${basePath}/balance-inquiry`, req.ip, { additionalInfo: { channel } })
    const [cash, points] = accountInfos as { availableBalance: object }[]
    res.json({ cash: cash?.availableBalance, points: points?.availableBalance })
  })

  return app
})
