import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import { createSameOrigin } from '../../../lib/routes/middleware/same-origin.ts'
import { notJson, partner, senders } from '../security/senders.ts'

interface Reply {
  readonly status: number
  readonly body: { readonly code?: string; readonly detail?: string }
}

/** Sends one request with these headers past the check. */
async function ask(headers: Record<string, string>, body?: string): Promise<Reply> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const check = createSameOrigin({ publicUrl: `${origin}/ovo`, allowedOrigins: [partner] })
  server.on(
    'request',
    express().use(check, (_req, res) => void res.json({ code: 'LET_IN' })),
  )
  const sent = headers.origin === 'own' ? { ...headers, origin } : headers
  const response = await fetch(origin, { method: 'POST', headers: sent, ...(body !== undefined && { body }) })
  const reply = { status: response.status, body: (await response.json()) as Reply['body'] }
  server.closeAllConnections()
  await once(server.close(), 'close')
  return reply
}

describe('the check of where a request comes from', () => {
  for (const { name, headers, isLetIn } of senders) {
    it(`${isLetIn ? 'lets in' : 'refuses'} ${name}`, async () => {
      const { status, body } = await ask(headers)
      expect([status, body.code]).to.deep.equal(isLetIn ? [200, 'LET_IN'] : [403, 'CROSS_SITE'])
      if (!isLetIn) expect(body.detail).to.equal('Pages of another site may not do that.')
    })
  }

  for (const type of notJson) {
    it(`refuses a body of type "${type}"`, async () => {
      const { status, body } = await ask({ 'content-type': type }, '{}')
      expect([status, body.code]).to.deep.equal([415, 'UNSUPPORTED_MEDIA_TYPE'])
      expect(body.detail).to.equal('Send the body as application/json.')
    })
  }

  for (const type of [
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json  ;a=b',
    'APPLICATION/JSON',
  ]) {
    it(`lets in a body of type "${type}"`, async () => {
      expect((await ask({ 'content-type': type }, '{}')).body.code).to.equal('LET_IN')
    })
  }
})
