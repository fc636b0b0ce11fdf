import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import { type DokuOvo, dokuOvo } from 'express-doku-ovo'
import type { InboundRequest } from '../../../lib/doku/inbound.ts'
import { forge, mutantOf, writesAllowed } from '../../fuzz/forgery.ts'
import { type Kind, routeOf } from '../../fuzz/genuine.ts'
import { type Merchant, now, openMerchant } from '../../fuzz/merchant.ts'
import { checkedHeaders, genuineOf, headerOf, isGenuine, type Mutant, withBody, withHeader } from '../../fuzz/mutant.ts'
import { spellingsOf } from '../../fuzz/spellings.ts'
import { Random } from '../../simulation/engine/random.ts'
import { testOptions } from '../../support/shop.ts'

/** Every byte of the body, and every character of every header that is looked at, changed by its lowest bit. */
function* eachByteOf(kind: Kind): Generator<Mutant> {
  const { body } = genuineOf(kind)
  for (const at of body.keys()) {
    const changed = Buffer.from(body)
    changed[at] = (body[at] ?? 0) ^ 1
    yield { kind, trick: `byte ${at} of the body`, request: withBody(kind, changed) }
  }
  for (const name of checkedHeaders(kind)) {
    const text = headerOf(kind, name)
    for (let at = 0; at < text.length; at++) {
      const changed = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1)
      yield { kind, trick: `character ${at} of ${name}`, request: withHeader(kind, name, changed) }
    }
  }
}

const kinds: readonly Kind[] = ['token', 'payment', 'binding']
const effectOf = { token: 'processing', payment: 'paid', binding: 'active' } as const

describe('what is not DOKU’s', () => {
  it('is never accepted and never has an effect: 2000 mutants of genuine requests', async () => {
    const { breaches, tricks } = await forge(2000, 20260301)
    expect(breaches).to.deep.equal([])
    expect(tricks.size).to.be.above(250)
  })

  it('is not accepted with any one byte of its body or its headers changed', async () => {
    const merchant = await openMerchant()
    let tried = 0
    for (const kind of kinds) {
      for (const mutant of eachByteOf(kind)) {
        if (isGenuine(mutant)) continue
        const { httpStatus } = await merchant.webhooks[routeOf(kind)](mutant.request)
        expect(httpStatus, `${kind}: ${mutant.trick}`).to.be.within(400, 499)
        tried++
      }
    }
    expect(merchant.effects).to.deep.equal({ writes: 0, sent: 0 })
    expect(tried).to.be.above(1400)
  })

  it('would be noticed if it were: a merchant whose secret the attacker has', async () => {
    const merchant = await openMerchant()
    await merchant.webhooks.notification(genuineOf('payment'))
    expect(merchant.effects.writes).to.be.above(0)
  })
})

describe('what is DOKU’s', () => {
  for (const kind of kinds) {
    it(`is accepted in every spelling: ${kind}`, async () => {
      for (const { name, request } of spellingsOf(kind)) {
        const merchant = await openMerchant()
        const { httpStatus, body } = await merchant.webhooks[routeOf(kind)](request)
        expect(httpStatus, `${name}: ${body.responseMessage}`).to.equal(200)
        expect(await merchant.status(kind === 'binding' ? 'binding' : 'payment'), name).to.equal(effectOf[kind])
      }
    })
  }
})

/** The whole plug-in on a socket, over a merchant's records. */
interface Door {
  readonly merchant: Merchant
  /** The status of the answer to these bytes; 0 when there was none. */
  send(request: InboundRequest, method?: string, spell?: (name: string) => string): Promise<number>
  close(): Promise<void>
}

async function openDoor(): Promise<Door> {
  const merchant = await openMerchant()
  const options = testOptions('http://127.0.0.1:1', 'https://shop.example/ovo')
  const ovo: DokuOvo = dokuOvo({
    ...options,
    clock: () => now,
    storage: merchant.ports.storage,
    reconcileEveryMs: false,
  })
  const server: Server = createServer(express().use('/ovo', ovo))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    merchant,
    send: (request, method = 'POST', spell = (name) => name) => exchange(port, wire(request, method, spell)),
    async close() {
      await ovo.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function wire({ headers, body, path }: InboundRequest, method: string, spell: (name: string) => string): Buffer {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : value === undefined ? [] : [value]).map((one) => `${spell(name)}: ${one}`),
  )
  const head = [
    `${method} ${path} HTTP/1.1`,
    'Host: shop.example',
    `Content-Length: ${body.length}`,
    'Connection: close',
  ]
  return Buffer.concat([Buffer.from(`${[...head, ...lines].join('\r\n')}\r\n\r\n`, 'latin1'), body])
}

async function exchange(port: number, bytes: Buffer): Promise<number> {
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => {})
  await once(socket, 'close')
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(Buffer.concat(chunks).toString('latin1'))?.[1] ?? 0)
}

describe('over HTTP', () => {
  let door: Door
  beforeEach(async () => {
    door = await openDoor()
  })
  afterEach(() => door.close())

  it('none of 400 mutants is accepted or has an effect', async () => {
    const random = new Random(4)
    for (let run = 0; run < 400; run++) {
      const mutant = mutantOf(random)
      // Node takes off the blanks around a header's value.
      const isTrimmed = /blank before|tab behind/.test(mutant.trick)
      if (isTrimmed || isGenuine(mutant)) continue
      const status = await door.send(mutant.request)
      if (!mutant.isSigned) expect(status, mutant.trick).not.to.equal(200)
      expect(status, mutant.trick).to.be.below(500)
      expect(door.merchant.effects.sent, mutant.trick).to.equal(0)
      expect(door.merchant.effects.writes, mutant.trick).to.be.within(0, writesAllowed(mutant))
      door.merchant.effects.writes = 0
    }
  })

  it('a genuine notification under another method has no effect', async () => {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'PROPFIND']) {
      expect(await door.send(genuineOf('payment'), method), method).not.to.equal(500)
      expect(door.merchant.effects.writes, method).to.equal(0)
    }
  })

  for (const [name, spell] of [
    ['X-Timestamp', (text: string) => text.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())],
    ['X-TIMESTAMP', (text: string) => text.toUpperCase()],
    ['x-timestamp', (text: string) => text],
  ] as const) {
    it(`genuine requests are accepted with headers spelt like ${name}`, async () => {
      for (const kind of kinds) expect(await door.send(genuineOf(kind), 'POST', spell), kind).to.equal(200)
      expect(await door.merchant.status('payment')).to.equal('paid')
      expect(await door.merchant.status('binding')).to.equal('active')
    })
  }
})
