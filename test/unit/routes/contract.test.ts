import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import { dokuOvo } from 'express-doku-ovo'
import { answersJudged, takeViolations } from '../../support/contract/hooks.ts'
import { testOptions } from '../../support/shop.ts'

type Distort = (res: ServerResponse) => void

/** A router whose answers something in front of it distorts; a request to it; and what the suite's hooks make of that. */
async function violationsOf(distort: Distort, path = '/health', init: RequestInit = {}): Promise<string[]> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const router = dokuOvo(testOptions('http://127.0.0.1:1', url))
  const app = express().use((_req, res, next) => {
    distort(res)
    next()
  })
  server.on('request', app.use(router))
  await (await fetch(url + path, init)).text()
  await router.close()
  server.closeAllConnections()
  server.close()
  return takeViolations()
}

/** Puts something else in the place of what the router writes. */
function rewriting(
  change: (status: number, headers: Record<string, string>, body: string) => [number, object, string],
): Distort {
  return (res) => {
    const { end } = res
    res.end = (body: unknown) => {
      const [status, headers, text] = change(res.statusCode, { ...res.getHeaders() } as never, String(body))
      res.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(text) } as never)
      return end.call(res, text, 'utf8')
    }
  }
}

const edited = (edit: (body: Record<string, unknown>) => unknown) =>
  rewriting((status, headers, body) => {
    const parsed = JSON.parse(body)
    edit(parsed)
    return [status, headers, JSON.stringify(parsed)]
  })

describe('the contract that every answer of the suite is held against', () => {
  it('finds nothing wrong with an answer that nobody has changed, and has looked at it', async () => {
    const before = answersJudged()
    expect(await violationsOf(() => {})).to.deep.equal([])
    expect(answersJudged()).to.equal(before + 1)
  })

  const wrong: [string, Distort, RegExp][] = [
    ['a status', rewriting((_status, headers, body) => [418, headers, body]), /status 418 is not/],
    [
      'a content type',
      rewriting((status, _headers, body) => [status, { 'Content-Type': 'text/plain' }, body]),
      /text\/plain/,
    ],
    ['a header', (res) => void res.setHeader('X-Secret', '1'), /header x-secret is not/],
    ['a missing field', edited((body) => delete body.status), /must have required property 'status'/],
    ['a field too many', edited((body) => Object.assign(body, { more: 1 })), /"more"/],
    ['a wrong value', edited((body) => Object.assign(body, { api: 'ovo-v9' })), /\/api must be equal to one of/],
    ['no JSON', rewriting((status, headers, body) => [status, headers, body.slice(1)]), /no JSON/],
  ]
  for (const [what, distort, complaint] of wrong) {
    it(`finds ${what} that the document does not have`, async () => {
      const violations = await violationsOf(distort)
      expect(violations).to.have.length(1)
      expect(violations[0]).to.match(complaint)
    })
  }

  it('finds a problem with a code that the route does not have', async () => {
    const violations = await violationsOf(
      edited((body) => Object.assign(body, { code: 'ORDER_BUSY' })),
      '/balance',
    )
    expect(violations.join()).to.match(/\/code must be equal to one of the allowed values .*UNAUTHENTICATED/)
  })

  it('finds a body that was accepted and should not have been', async () => {
    const accepting = rewriting(() => [
      201,
      { 'Content-Type': 'application/json' },
      JSON.stringify({ status: 'pending', phoneNo: '62*******7890', updatedAt: '2026-01-31T07:30:00.000Z' }),
    ])
    const headers = { 'Content-Type': 'application/json', 'X-Customer': 'alice' }
    const body = '{"phoneNo":"12"}'
    const violations = await violationsOf(accepting, '/bindings', { method: 'POST', headers, body })
    expect(violations.join()).to.match(/an accepted request body: \/phoneNo must match pattern/)
  })
})
