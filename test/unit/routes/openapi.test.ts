import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { DokuOvoOptions, JsonObject } from 'express-doku-ovo'
import { dokuOvo, problemTypes } from 'express-doku-ovo'
import { MemoryStore } from 'express-rate-limit'
import { assert as hold, property, stringMatching } from 'fast-check'
import supertest from 'supertest'
import { normalisePhoneNo } from '../../../lib/model/input.ts'
import { createDocument } from '../../../lib/routes/openapi/document.ts'
import { wholePackage } from '../../../lib/routes/openapi/scope.ts'
import { routeNames, routeTable } from '../../../lib/routes/table.ts'
import { startShop, testOptions } from '../../support/shop.ts'

interface Operation {
  readonly operationId: string
  readonly description?: string
  readonly security: readonly object[]
  readonly responses: Readonly<Record<string, { headers?: object; content?: Record<string, { schema: Narrowed }> }>>
}
interface Narrowed {
  readonly allOf?: readonly [object, { readonly properties: { readonly code: { readonly enum: readonly string[] } } }]
}
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>

const pathsOf = (document: JsonObject) => document.paths as unknown as Paths
const operationsOf = (document: JsonObject) => Object.values(pathsOf(document)).flatMap(Object.values) as Operation[]

const problemsOf = ({ responses }: Operation) =>
  Object.entries(responses).flatMap(([status, { content }]) => {
    const codes = content?.['application/problem+json']?.schema.allOf?.[1].properties.code.enum ?? []
    return codes.map((code) => [code, Number(status)])
  })

/** What a router that is set up so says of itself; nothing listens. */
async function describeRouter(options: Partial<DokuOvoOptions> = {}): Promise<JsonObject> {
  const router = dokuOvo({ ...testOptions('http://127.0.0.1:1', 'https://shop.example/ovo'), ...options })
  const document = await router.service.openapi()
  await router.close()
  return document
}

describe('GET /openapi.json', () => {
  it('describes exactly what is mounted, as /health lists it', async () => {
    const shop = await startShop({ mount: '/ovo', options: { routes: { balance: false, webhookToken: false } } })
    const { body } = await supertest(shop.url).get('/openapi.json').expect(200).expect('cache-control', 'no-store')
    const described = Object.entries(pathsOf(body)).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    )
    const { body: health } = await supertest(shop.url).get('/health')
    expect(described).to.have.members(health.routes)
    expect(body.servers).to.deep.equal([{ url: shop.url }])
    expect(body).to.deep.equal(await shop.ovo.service.openapi())
    await shop.close()
  })

  it('can be switched off, and the document is there for the host all the same', async () => {
    const shop = await startShop({ options: { routes: { openapi: false } } })
    await supertest(shop.url).get('/openapi.json').expect(404)
    expect(pathsOf(await shop.ovo.service.openapi()))
      .to.have.property('/payments')
      .and.not.have.property('/openapi.json')
    await shop.close()
  })

  it('is the host’s to change: what is served stays as it is', async () => {
    const shop = await startShop()
    const mine = await shop.ovo.service.openapi()
    mine.paths = {}
    const { body } = await supertest(shop.url).get('/openapi.json').expect(200)
    expect(pathsOf(body)).to.have.property('/payments')
    await shop.close()
  })
})

describe('the OpenAPI document', () => {
  it('has every problem of the package that a route can answer, each with its status', () => {
    const described = operationsOf(createDocument(wholePackage)).flatMap(problemsOf)
    const { PAYMENT_NOT_RELEASABLE: _ofTheService, ...ofRoutes } = problemTypes
    const known = Object.entries(ofRoutes).map(([code, { status }]) => [code, status])
    expect([...new Map(described.map((row) => [row.join(), row])).values()]).to.have.deep.members(known)
  })

  it('describes a refund as the 501 that it is where DOKU’s api has none, and as a refund elsewhere', async () => {
    const refundOf = (document: JsonObject) =>
      pathsOf(document)['/payments/{partnerReferenceNo}/refunds']?.post?.responses ?? {}
    const [without, withRefunds] = [await describeRouter({ api: 'ovo-v1.0' }), await describeRouter({ api: 'core-v1' })]
    expect(refundOf(without)).to.have.property('501')
    expect(Object.keys(refundOf(without)).filter((status) => status < '300')).to.deep.equal([])
    expect(refundOf(withRefunds)).to.have.any.keys('201').and.not.have.property('501')
  })

  it('says how every other operation succeeds', async () => {
    for (const { operationId, responses } of operationsOf(await describeRouter())) {
      if (operationId === 'refund') continue
      expect(
        Object.keys(responses).some((status) => status < '300'),
        operationId,
      ).to.equal(true)
    }
  })

  it('counts requests where the router does, and nowhere else', async () => {
    const limited = operationsOf(await describeRouter({ rateLimit: { limits: { pay: { limit: 7, windowMs: 9000 } } } }))
    const unlimited = operationsOf(await describeRouter({ rateLimit: false }))
    expect(limited.find(({ operationId }) => operationId === 'pay')?.description).to.contain('7 requests in 9 s')
    const refusing = (operations: Operation[]) => operations.filter(({ responses }) => responses['429']).length
    expect(refusing(limited)).to.equal(routeNames.filter((name) => routeTable[name].caller !== 'operations').length)
    expect(refusing(unlimited)).to.equal(0)
    expect(JSON.stringify(unlimited)).to.not.match(/RateLimit|TOO_MANY|LIMITER/)
    expect(JSON.stringify(limited)).to.contain('TOO_MANY_REQUESTS').and.not.contain('LIMITER_UNAVAILABLE')
    const store = () => new MemoryStore()
    expect(JSON.stringify(await describeRouter({ rateLimit: { store } }))).to.contain('LIMITER_UNAVAILABLE')
  })

  it('names what a merchant tells DOKU, and what DOKU has to prove', async () => {
    const notify = async (requireBearer: boolean) =>
      pathsOf(await describeRouter({ webhooks: { requireBearer } }))['/webhooks/notification']?.post
    expect((await notify(true))?.description).to.contain('https://shop.example/ovo/webhooks/notification')
    expect((await notify(true))?.security).to.deep.equal([{ dokuSecret: [], issuedToken: [] }])
    expect((await notify(false))?.security).to.deep.include({ dokuSecret: [] })
  })

  it('has no component that is not used, whatever is mounted', () => {
    for (const name of routeNames) {
      const document = createDocument({ ...wholePackage, mounted: [name] })
      const text = JSON.stringify(document)
      for (const [kind, parts] of Object.entries(document.components as Record<string, JsonObject>)) {
        for (const part of Object.keys(parts)) {
          const used = kind === 'securitySchemes' ? `"${part}":[]` : `"#/components/${kind}/${part}"`
          expect(text, `${name}: ${kind}/${part}`).to.contain(used)
        }
      }
    }
  })

  it('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
    expect((createDocument(wholePackage).info as JsonObject).version).to.equal(version)
  })

  it('takes the phone numbers that the router takes, and no others', () => {
    const { schemas } = createDocument(wholePackage).components as {
      schemas: { BindingInput: { properties: { phoneNo: { pattern: string } } } }
    }
    const pattern = new RegExp(schemas.BindingInput.properties.phoneNo.pattern, 'u')
    const near = stringMatching(/^ {0,2}(\+? ?6[ -]?2|0|8)([-. ()]{0,2}[0-9]){5,16}[-. ()]{0,2}x?$/)
    hold(
      property(near, (text) => pattern.test(text) === (normalisePhoneNo(text) !== undefined)),
      { numRuns: 2000 },
    )
  })
})
