import { randomBytes } from 'node:crypto'
import express, { type Request, Router } from 'express'
import { orderDigest, Records, recordKeys } from '../../../lib/records/records.ts'
import { append } from './journal.ts'
import { NaiveDoku } from './naive-doku.ts'
import type { HostParts } from './plugin-host.ts'

interface Attempt {
  readonly partnerReferenceNo: string
  readonly status: 'paid' | 'awaiting-customer'
  readonly webRedirectUrl?: string | undefined
}

interface NaiveOrder {
  readonly orderId: string
  readonly attempts: readonly Attempt[]
}

const triesAtMost = 3

/**
 * What is written in an afternoon: call DOKU, then store; when it goes wrong, try again with a new reference. It is here so
 * that the harness is seen to find what it looks for.
 */
export function createNaiveHost(parts: HostParts): Router {
  const shop = new NaiveShop(parts)
  const router = Router()
  const customerOf = (req: Request) => req.get('x-customer') ?? ''
  router.use(express.json())
  router.post('/bindings', async (req, res) => {
    res.status(201).json(await shop.bind(customerOf(req), req.body.phoneNo))
  })
  router.get('/bindings', (_req, res) => void res.json({ status: 'active' }))
  router.post('/payments', async (req, res) => {
    res.status(201).json(await shop.pay(customerOf(req), req.body.orderId))
  })
  router.post('/webhooks/token', (_req, res) => {
    res.json({ responseCode: '2007300', accessToken: 'naive', tokenType: 'Bearer', expiresIn: '900' })
  })
  router.post('/webhooks/notification', async (req, res) => {
    await shop.hear(req.body)
    res.json({ responseCode: '2005600' })
  })
  return router
}

class NaiveShop {
  readonly #parts: HostParts
  readonly #doku: NaiveDoku
  readonly #orders: Records<NaiveOrder>
  readonly #bindings: Records<{ authCode: string }>

  constructor(parts: HostParts) {
    this.#parts = parts
    this.#doku = new NaiveDoku(parts)
    this.#orders = new Records(parts.storage)
    this.#bindings = new Records(parts.storage)
  }

  async bind(customerId: string, phoneNo: string): Promise<{ redirectUrl: string }> {
    const { redirectUrl, authCode } = await this.#doku.bind(customerId, phoneNo)
    await this.#bindings.write(`naive/binding/${customerId}`, { authCode })
    return { redirectUrl }
  }

  async pay(customerId: string, orderId: string): Promise<Attempt> {
    const earlier = await this.#orders.read(this.#key(orderId))
    const standing = earlier?.value.attempts.at(-1)
    if (standing) return standing
    const attempt = await this.#send(customerId, orderId)
    await this.#orders.write(this.#key(orderId), { orderId, attempts: [attempt] }, earlier?.version)
    if (attempt.status === 'paid') this.#tell(orderId, attempt)
    return attempt
  }

  /** A notification says that the customer has paid. */
  async hear({ originalPartnerReferenceNo = '', latestTransactionStatus = '' }): Promise<void> {
    const [orderId = ''] = originalPartnerReferenceNo.split('_')
    const earlier = await this.#orders.read(this.#key(orderId))
    const attempt = earlier?.value.attempts.find((one) => one.partnerReferenceNo === originalPartnerReferenceNo)
    if (!attempt || attempt.status === 'paid' || latestTransactionStatus !== '00') return
    const paid = { ...attempt, status: 'paid' } as const
    await this.#orders.write(this.#key(orderId), { orderId, attempts: [paid] }, earlier?.version)
    this.#tell(orderId, paid)
  }

  async #send(customerId: string, orderId: string, tries = 1): Promise<Attempt> {
    const partnerReferenceNo = `${orderId}_${randomBytes(6).toString('hex')}`
    const binding = await this.#bindings.read(`naive/binding/${customerId}`)
    try {
      const { webRedirectUrl } = await this.#doku.pay(binding?.value.authCode ?? '', orderId, partnerReferenceNo)
      return { partnerReferenceNo, status: webRedirectUrl ? 'awaiting-customer' : 'paid', webRedirectUrl }
    } catch (error) {
      if (tries >= triesAtMost) throw error
      return this.#send(customerId, orderId, tries + 1)
    }
  }

  #tell(orderId: string, { partnerReferenceNo }: Attempt): void {
    const { passing, setup } = this.#parts
    passing('during-hook')
    const eventId = randomBytes(8).toString('hex')
    const about = { eventId, partnerReferenceNo, orderId, from: 'sending', to: 'paid' }
    append(setup.journal, { type: 'paymentChanged', ...about })
  }

  #key(orderId: string): string {
    const { clientId } = this.#parts.setup.merchant
    return recordKeys(clientId).order(orderDigest(clientId, orderId))
  }
}
