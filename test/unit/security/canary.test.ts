import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { expect } from 'chai'
import express from 'express'
import { type Api, type DokuOvo, memoryStorage, type Operation } from 'express-doku-ovo'
import { bearerHeader, bearerKey, jwt } from '../../fuzz/genuine.ts'
import { type Arrival, answer, idr, type Reply, statusReply } from '../../support/fake-doku.ts'
import { clientId, merchantKeys } from '../../support/keys.ts'
import { type Scene, startScene } from '../../support/scene.ts'
import { TestClock } from '../../support/test-clock.ts'
import { type Watch, watch } from './watch.ts'

const canary = {
  secretKey: 'SK-canary-1f0c6b2d9a7e4c55',
  olderSecret: 'SK-canary-older-77aa1e90b3c2',
  accessToken: 'eyJ-canary-access-token-4b1d7c9e22',
  customerToken: 'eyJ-canary-customer-token-90ce31f7a8',
  authCode: 'canary-auth-code-5e2f8b61d3',
  phone: '81299988877',
  customerName: 'Canary Siti Nurhaliza',
  email: 'canary.siti@mail.example',
  idCard: '3174999988887777',
  address: 'Jalan Canary Nomor 99',
  dateOfBirth: '19870611',
  cookie: 'session-canary-2c94d0a1b8f3',
  key: merchantKeys.privateKey.split('\n')[3] ?? '',
} as const
const canaries = Object.values(canary)
const alice = { id: 'alice' }
const profile = {
  phoneNo: `0${canary.phone}`,
  ...{ customerName: canary.customerName, email: canary.email, idCard: canary.idCard },
  ...{ address: canary.address, dateOfBirth: canary.dateOfBirth },
}

/** DOKU's answers when all is well: with every secret that they can hold, also where it is not expected. */
function secretAnswers(url: string): Partial<Record<Operation, Reply>> {
  const ok = (responseCode: string, more: object) => ({ status: 200, body: JSON.stringify({ responseCode, ...more }) })
  const spare = { accountToken: canary.customerToken, phoneNo: `62${canary.phone}`, note: `0${canary.phone}` }
  return {
    accessToken: ok('2007300', { accessToken: canary.accessToken, expiresIn: 900 }),
    customerToken: ok('2007400', {
      accessToken: canary.customerToken,
      accessTokenExpiryTime: '900',
      additionalInfo: spare,
    }),
    binding: ok('2000700', {
      redirectUrl: `${url}/binding/${canary.authCode}`,
      additionalInfo: { authCode: canary.authCode, ...spare },
    }),
    payment: ok('2005400', { referenceNo: 'doku-1', webRedirectUrl: `${url}/payment/1`, additionalInfo: spare }),
    balance: ok('2001100', { accountInfos: [{ balanceType: 'CASH', amount: idr('5.00') }], additionalInfo: spare }),
  }
}

/** DOKU repeats in its words what it was sent. */
const echo =
  (status: number, responseCode: string): Reply =>
  (response, arrival: Arrival) => {
    const sent = JSON.stringify([arrival.headers, arrival.body])
    const repeated = canaries.filter((text) => sent.includes(text))
    const responseMessage = `Refused ${repeated.map((text) => text.slice(0, 60)).join(' and ')}`
    answer(response, { status, body: { responseCode, responseMessage, additionalInfo: { repeated } } })
  }

const services: Partial<Record<Operation, string>> = {
  ...{ accessToken: '73', customerToken: '74', binding: '07', balance: '11' },
  ...{ payment: '54', status: '55', unbinding: '09', refund: '58' },
}

/** Every way in which an operation can go wrong. */
function faultsOf(operation: Operation): Reply[] {
  const service = services[operation] ?? '00'
  const codes = [400, 401, 403, 404, 409, 500].flatMap((status) =>
    ['00', '01', '14'].map((caseCode) => echo(status, `${status}${service}${caseCode}`)),
  )
  const html: Reply = { status: 502, body: `<html>${canaries.join('<br>')}</html>` }
  const unreadable: Reply = { status: 200, body: `{"accessToken":"${canary.accessToken}","authCode":${canary.phone}` }
  const lacking: Reply = {
    status: 200,
    body: { responseCode: `200${service}00`, accessToken: 7, phoneNo: canary.phone },
  }
  return [...codes, html, unreadable, lacking, (response) => response.socket?.destroy()]
}

interface Stage extends Scene {
  readonly watch: Watch
  readonly url: string
  http(method: string, path: string, body?: string, headers?: Record<string, string>): Promise<number>
}

/** The plug-in at `/ovo`, with every place where something may come to light watched. */
async function startStage(api: Api): Promise<Stage> {
  const seen = watch()
  const storage = seen.store(memoryStorage({ clock: new TestClock().read }))
  const { hook } = seen
  const hooks = {
    paymentChanged: hook,
    bindingChanged: hook,
    refundChanged: hook,
    orderPaidTwice: hook,
    notificationRejected: hook,
    notificationUnmatched: hook,
  }
  const scene = await startScene({
    api,
    storage,
    hooks,
    logger: seen.logger,
    secretKey: [canary.secretKey, canary.olderSecret],
    reconcileEveryMs: false,
    authorizeRefund: () => true,
  })
  Object.assign(scene.doku.always, secretAnswers(scene.doku.url))
  const server = createServer(appFor(scene.ovo, seen))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ovo`
  return {
    ...scene,
    watch: seen,
    url,
    async http(method, path, body, headers = {}) {
      const given = {
        'x-customer': 'alice',
        cookie: `s=${canary.cookie}`,
        'content-type': 'application/json',
        ...headers,
      }
      const response = await fetch(url + path, {
        method,
        headers: given,
        redirect: 'manual',
        ...(body !== undefined && { body }),
      })
      const text = await response.text()
      if (response.status >= 400 || path === '/health') seen.note(`answer to ${method} ${path}`, text)
      return response.status
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await scene.close()
      seen.end()
    },
  }
}

function appFor(ovo: DokuOvo, seen: Watch): express.Express {
  const app = express().use('/ovo', ovo)
  app.use((error: unknown, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
    seen.note('next(err)', error)
    res.status(500).end()
  })
  return app
}

/** Everything that a customer and the shop can do, one after the other, whatever becomes of it. */
async function doEverything({ ovo, watch: seen, doku, clock }: Stage, orderId: string): Promise<void> {
  const { service } = ovo
  await seen.of('bind', service.bind(alice, profile))
  await seen.of('balance', service.balance(alice))
  await seen.of('binding', service.binding(alice))
  const paid = (await seen.of('pay', service.pay(alice, { orderId }))) as
    | { payment?: { partnerReferenceNo: string } }
    | undefined
  const reference = paid?.payment?.partnerReferenceNo ?? ''
  clock.passSeconds(90)
  await seen.of('payment', service.payment(alice, reference))
  doku.next('status', statusReply('00'))
  clock.passSeconds(3600)
  await seen.of('payment', service.payment(alice, reference))
  await seen.of('refund', service.refund(reference, { reason: 'as asked' }))
  await seen.of('reconcile', service.reconcile())
  await seen.of('unbind', service.unbind(alice))
}

/** A notification that is signed as it has to be, with more in it than it needs. */
function notification(stage: Stage, secret: string): { body: string; headers: Record<string, string> } {
  const iat = Math.floor(stage.clock.now / 1000)
  const claims = { iss: clientId, aud: 'doku-notification', jti: canary.cookie, iat, exp: iat + 900 }
  const token = jwt(bearerHeader, claims, bearerKey())
  const spare = {
    authCode: canary.authCode,
    phoneNo: `62${canary.phone}`,
    note: `0${canary.phone}`,
    accessToken: canary.accessToken,
    email: canary.email,
  }
  const words = `customer 62${canary.phone} cancelled`
  const body = JSON.stringify({
    originalPartnerReferenceNo: 'INV-1',
    latestTransactionStatus: '05',
    transactionStatusDesc: words,
    additionalInfo: { ...spare, ...profile },
  })
  const timestamp = new Date(stage.clock.now).toISOString()
  const digest = createHash('sha256').update(body).digest('hex')
  const path = '/ovo/webhooks/notification?key='.concat(canary.cookie)
  const signature = createHmac('sha512', secret).update(`POST:${path}:${token}:${digest}:${timestamp}`).digest('base64')
  const headers = {
    authorization: `Bearer ${token}`,
    'x-timestamp': timestamp,
    'x-signature': signature,
    'x-partner-id': clientId,
    'x-api-key': canary.cookie,
  }
  return { body, headers }
}

describe('secrets and personal data', () => {
  for (const api of ['ovo-v1.0', 'core-v1'] as const) {
    describe(api, () => {
      let stage: Stage
      beforeEach(async () => {
        stage = await startStage(api)
        stage.orders.set('INV', { amount: '10000.00', partnerReferenceNo: 'INV-1' })
      })
      afterEach(() => stage.close())

      it('come to light nowhere when all goes well', async () => {
        await doEverything(stage, 'order-1')
        stage.watch.note('the router', inspect(stage.ovo, { depth: 20, showHidden: true }))
        expect(stage.watch.seen.map(({ where }) => where)).to.include.members([
          'storage',
          'hook bindingChanged',
          'hook paymentChanged',
          'channel express-doku-ovo:call',
          'channel express-doku-ovo:change',
        ])
        expect(stage.watch.hits(canaries)).to.deep.equal([])
      })

      it('are there to be found: the phone number is shown masked', async () => {
        await doEverything(stage, 'order-1')
        expect(stage.watch.seen.some(({ text }) => text.includes('62*******8877'))).to.equal(true)
      })

      const tried = api === 'core-v1' ? (Object.keys(services) as Operation[]) : (['binding', 'payment'] as const)
      for (const operation of tried) {
        it(`come to light nowhere when ${operation} is refused, lost or garbled`, async () => {
          for (const [index, fault] of faultsOf(operation).entries()) {
            stage.orders.set(`order-${index}`, { amount: '10000.00' })
            stage.clock.passSeconds(24 * 3600)
            stage.doku.next(operation, fault)
            await doEverything(stage, `order-${index}`)
            stage.doku.replies[operation] = []
          }
          expect(stage.watch.hits(canaries)).to.deep.equal([])
        })
      }

      it('come to light nowhere when webhooks are called, rightly and wrongly', async () => {
        await stage.ovo.service.bind(alice, profile)
        await stage.ovo.service.pay(alice, { orderId: 'INV' })
        const path = `/webhooks/notification?key=${canary.cookie}`
        for (const secret of [canary.secretKey, canary.olderSecret]) {
          const { body, headers } = notification(stage, secret)
          expect(await stage.http('POST', path, body, headers)).to.equal(200)
          expect(await stage.http('POST', path, `${body}x`, headers)).to.equal(401)
          expect(
            await stage.http('POST', path, body, { ...headers, authorization: `Bearer ${canary.accessToken}` }),
          ).to.equal(401)
          await stage.http('POST', '/webhooks/token', body, {
            ...headers,
            'x-client-key': clientId,
            'x-client-secret': canary.secretKey,
          })
          await stage.http('POST', '/webhooks/notification', `{"${canary.phone}`, headers)
        }
        await stage.ovo.service.reconcile()
        const wheres = stage.watch.seen.map(({ where }) => where)
        expect(wheres).to.include.members(['channel express-doku-ovo:webhook', 'hook notificationRejected'])
        expect(stage.watch.hits(canaries)).to.deep.equal([])
      })

      it('come to light nowhere in what customers and operations are answered', async () => {
        await stage.ovo.service.bind(alice, profile)
        const wrong = { ...profile, dateOfBirth: canary.phone, email: canary.customerName }
        for (const [method, path, body] of [
          ['GET', '/health', undefined],
          ['POST', '/bindings', JSON.stringify(wrong)],
          ['POST', '/bindings', JSON.stringify({ ...profile, phoneNo: `${canary.phone}0000000` })],
          ['POST', '/bindings', `{"phoneNo":"${canary.phone}`],
          ['POST', '/payments', JSON.stringify({ orderId: 7, payMethod: canary.authCode })],
          ['GET', `/payments/${canary.phone}`, undefined],
          ['GET', `/return/binding/${canary.authCode}/success`, undefined],
        ] as const) {
          await stage.http(method, path, body)
        }
        const own = stage.watch.hits(canaries)
        expect(own).to.deep.equal([])
      })
    })
  }
})
