import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { expect } from 'chai'
import sinon from 'sinon'
import { buildConnector, type Dispatcher, Pool, RetryAgent } from 'undici'
import {
  createTransport,
  type HttpAnswer,
  type HttpRequest,
  type Transport,
  TransportError,
  type TransportOptions,
} from '../../../lib/doku/transport.ts'
import { deferred } from '../../support/deferred.ts'
import { type Behaviour, closeServer, listen, type Peer, reply, startPeer, trackSockets } from './peer.ts'

const ok = reply(200, '{}')
const hang: Behaviour = () => {}
const maxAnswerBytes = 1024

const cleanUps: (() => unknown)[] = []
const later = <T>(thing: T, cleanUp: (thing: T) => unknown): T => {
  cleanUps.push(() => cleanUp(thing))
  return thing
}

const peer = async (behaviour: Behaviour): Promise<Peer> => later(await startPeer(behaviour), (it) => it.close())

function transportTo(baseUrl: string, options: Partial<TransportOptions> = {}): Transport {
  return later(createTransport({ baseUrl, maxAnswerBytes, ...options }), (it) => it.close())
}

const post = (transport: Transport, id: string, request: Partial<HttpRequest> = {}): Promise<HttpAnswer> =>
  transport.post({ path: '/pay', headers: { 'X-EXTERNAL-ID': id }, body: '{"a":1}', deadlineMs: 15_000, ...request })

/** How the request was lost; `answered` when it was not. */
async function lossOf(answer: Promise<HttpAnswer>): Promise<string> {
  try {
    await answer
    return 'answered'
  } catch (error) {
    expect(error).to.be.instanceOf(TransportError)
    const { loss, code } = error as TransportError
    expect(code).to.equal(loss === 'not-sent' ? 'DOKU_NOT_REACHED' : 'DOKU_ANSWER_LOST')
    return loss
  }
}

/** Takes the timers of exactly `ms` out of the hands of time: they fire when the test says so, and only if not cleared. */
function holdTimers(ms: number): { fire: () => void; pending: () => number } {
  const held = new Map<unknown, () => void>()
  const { setTimeout: start, clearTimeout: stop } = globalThis
  const startHeld = (run: () => void, delay?: number, ...rest: []) => {
    const timer = start(delay === ms ? () => {} : run, delay === ms ? 0 : delay, ...rest)
    if (delay === ms) held.set(timer, run)
    return timer
  }
  sinon.replace(globalThis, 'setTimeout', startHeld as unknown as typeof setTimeout)
  sinon.replace(globalThis, 'clearTimeout', ((timer?: NodeJS.Timeout) => {
    held.delete(timer)
    stop(timer)
  }) as typeof clearTimeout)
  return {
    fire: () => {
      for (const run of [...held.values()]) run()
    },
    pending: () => held.size,
  }
}

/** A port of loopback on which nobody listens. */
async function deadPort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await closeServer(server, [])
  return port
}

async function bareServer(server: Server): Promise<number> {
  const sockets = trackSockets(server)
  const port = await listen(server)
  later(server, () => closeServer(server, sockets))
  return port
}

describe('the transport', () => {
  it('sends nothing that became too late while it waited for a connection', async () => {
    const doku = await peer(ok)
    const transport = transportTo(doku.url)
    let asked = 0
    const mayStart = () => {
      asked++
      return false
    }
    expect(await lossOf(post(transport, '1', { mayStart }))).to.equal('not-sent')
    expect(asked).to.equal(1)
    expect(await lossOf(post(transport, '2', { mayStart: () => true }))).to.equal('answered')
    expect(doku.arrivals.map(({ id }) => id)).to.deep.equal(['2'])
  })

  afterEach(async () => {
    sinon.restore()
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
  })

  it('POSTs the bytes that it is given, and returns status, headers and body', async () => {
    const doku = await peer((_req, res) => {
      res.writeHead(418, { 'X-Some': 'thing' })
      res.end('{"é":"€"}')
    })
    const body = '{"name":"José  & Siti","emoji":"🧾"}'
    const answer = await post(transportTo(doku.url), '1', {
      body,
      path: '/a/b?c=d%20e',
      headers: { 'X-TIMESTAMP': 't' },
    })
    expect(answer).to.include({ httpStatus: 418, body: '{"é":"€"}' })
    expect(answer.headers['x-some']).to.equal('thing')
    expect(doku.arrivals).to.have.lengthOf(1)
    expect(doku.arrivals[0]).to.include({ method: 'POST', url: '/a/b?c=d%20e', body })
    expect(doku.arrivals[0]?.headers['x-timestamp']).to.equal('t')
  })

  it('puts together an answer that comes in pieces, even inside a character', async () => {
    const doku = await peer((_req, res) => {
      const bytes = Buffer.from('{"a":"€"}')
      res.write(bytes.subarray(0, 7), () => res.end(bytes.subarray(7)))
    })
    expect((await post(transportTo(doku.url), '1')).body).to.equal('{"a":"€"}')
  })

  it('takes the final status, not the hints before it', async () => {
    const doku = await peer((_req, res) => {
      res.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => res.writeHead(201).end('{}'))
    })
    expect((await post(transportTo(doku.url), '1')).httpStatus).to.equal(201)
  })

  describe('says not-sent', () => {
    it('when nobody listens there', async () => {
      expect(await lossOf(post(transportTo(`http://127.0.0.1:${await deadPort()}`), '1'))).to.equal('not-sent')
    })

    it('when the name does not resolve', async () => {
      expect(await lossOf(post(transportTo('http://nonexistent.invalid'), '1'))).to.equal('not-sent')
    })

    it('when the other side does not speak TLS', async () => {
      const port = await bareServer(createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
      expect(await lossOf(post(transportTo(`https://127.0.0.1:${port}`), '1'))).to.equal('not-sent')
    })

    it('when the other side hangs up in the middle of the TLS handshake', async () => {
      const port = await bareServer(createServer((socket) => void socket.once('data', () => socket.destroy())))
      expect(await lossOf(post(transportTo(`https://127.0.0.1:${port}`), '1'))).to.equal('not-sent')
    })

    it('when the request itself cannot be written, and keeps the cause', async () => {
      const doku = await peer(ok)
      const error = await post(transportTo(doku.url), '1', { headers: { 'X-DEVICE-ID': 'a\r\nX-Evil: b' } }).catch(
        (it) => it,
      )
      expect(await lossOf(Promise.reject(error))).to.equal('not-sent')
      expect(error.cause).to.be.instanceOf(Error)
      expect(doku.arrivals).to.deep.equal([])
    })

    it('when a dispatcher throws instead of telling its handler', async () => {
      const dispatcher = {
        dispatch: () => {
          throw new Error('no')
        },
      } as unknown as Dispatcher
      expect(await lossOf(post(transportTo('http://127.0.0.1', { dispatcher }), '1'))).to.equal('not-sent')
    })

    it('when it was closed', async () => {
      const doku = await peer(ok)
      const transport = createTransport({ baseUrl: doku.url, maxAnswerBytes })
      await transport.close()
      expect(await lossOf(post(transport, '1'))).to.equal('not-sent')
      expect(doku.arrivals).to.deep.equal([])
    })
  })

  describe('says unknown, and has sent once,', () => {
    const endings: Record<string, Behaviour> = {
      'when the other side closes before it answers': (req) => req.socket.destroy(),
      'when the other side resets before it answers': (req) => req.socket.resetAndDestroy(),
      'when the other side half-closes without an answer': (req) => req.socket.end(),
      'when the status line is cut': (req) => req.socket.end('HTTP/1.1 20'),
      'when the headers are cut': (req) => req.socket.end('HTTP/1.1 200 OK\r\nContent-Le'),
      'when the body is shorter than announced': (req) =>
        req.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"a":1'),
      'when a chunked body is cut': (req) =>
        req.socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{"a":1}\r\n'),
      'when a body is cut by a reset': (_req, res) => {
        res.writeHead(200, { 'content-length': 100 })
        res.write('{"a"', () => res.socket?.resetAndDestroy())
      },
      'when the answer is no HTTP': (req) => req.socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
      'when the other side wants to switch protocols': (req) =>
        req.socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    }
    for (const [name, behaviour] of Object.entries(endings)) {
      it(name, async () => {
        const doku = await peer(behaviour)
        expect(await lossOf(post(transportTo(doku.url), '1'))).to.equal('unknown')
        expect(doku.count('1')).to.equal(1)
      })

      it(`${name} on a connection that was in use before`, async () => {
        const doku = await peer((req, res, arrival) => (arrival.id === 'warm' ? ok : behaviour)(req, res, arrival))
        const transport = transportTo(doku.url)
        await post(transport, 'warm')
        expect(await lossOf(post(transport, '1'))).to.equal('unknown')
        expect(doku.count('1')).to.equal(1)
      })
    }

    it('when the deadline comes before the answer; the connection is dropped', async () => {
      const timers = holdTimers(7_777)
      const doku = await peer(hang)
      const arrived = doku.arrived('1')
      const loss = lossOf(post(transportTo(doku.url), '1', { deadlineMs: 7_777 }))
      await arrived
      const [socket] = doku.sockets
      const dropped = socket && once(socket, 'close')
      timers.fire()
      expect(await loss).to.equal('unknown')
      await dropped
      expect(doku.count('1')).to.equal(1)
    })

    it('when the deadline comes in the middle of the answer', async () => {
      const timers = holdTimers(7_777)
      const flushed = deferred<void>()
      const doku = await peer((_req, res) => void res.write('{', () => flushed.resolve()))
      const loss = lossOf(post(transportTo(doku.url), '1', { deadlineMs: 7_777 }))
      await flushed.promise
      timers.fire()
      expect(await loss).to.equal('unknown')
      expect(doku.count('1')).to.equal(1)
    })

    it('when the answer is too large; the connection is dropped', async () => {
      const dropped = deferred<void>()
      const doku = await peer((req, res) => {
        req.socket.once('close', () => dropped.resolve())
        // Node 26 calls back at once: without a pause nothing else would ever have its turn.
        const more = () => res.destroyed || res.write('x'.repeat(256), () => setImmediate(more))
        more()
      })
      expect(await lossOf(post(transportTo(doku.url), '1'))).to.equal('unknown')
      await dropped.promise
      expect(doku.count('1')).to.equal(1)
    })

    it('when undici takes the request back into its queue: the second start is stopped', async () => {
      const second = { abort: sinon.spy() }
      const dispatcher = {
        dispatch(_options: unknown, handler: Dispatcher.DispatchHandler) {
          const start = (controller: object) =>
            handler.onRequestStart?.(controller as Dispatcher.DispatchController, {})
          start({ abort: sinon.spy() })
          start(second)
          handler.onResponseError?.(second as unknown as Dispatcher.DispatchController, new Error('aborted'))
          return true
        },
      } as unknown as Dispatcher
      expect(await lossOf(post(transportTo('http://127.0.0.1', { dispatcher }), '1'))).to.equal('unknown')
      expect(second.abort.calledOnce).to.equal(true)
    })

    it('when the host’s own dispatcher is one that retries', async () => {
      const doku = await peer((req) => req.socket.destroy())
      const pool = later(new Pool(doku.url), (it) => it.close())
      const dispatcher = new RetryAgent(pool, { methods: ['POST'], minTimeout: 1, maxTimeout: 1, maxRetries: 3 })
      expect(await lossOf(post(transportTo(doku.url, { dispatcher }), '1'))).to.equal('unknown')
      expect(doku.count('1')).to.equal(1)
    })
  })

  it('takes an answer of exactly the permitted size, and none that is a byte larger', async () => {
    const doku = await peer((_req, res, { id }) => void res.end('x'.repeat(Number(id))))
    const transport = transportTo(doku.url)
    expect((await post(transport, String(maxAnswerBytes))).body).to.have.lengthOf(maxAnswerBytes)
    expect(await lossOf(post(transport, String(maxAnswerBytes + 1)))).to.equal('unknown')
    expect((await post(transport, '1')).body).to.equal('x')
  })

  describe('when the deadline comes while the request still waits', () => {
    it('in line for a connection: says not-sent, and never sends it afterwards', async () => {
      const timers = holdTimers(7_777)
      const release = deferred<void>()
      const doku = await peer((req, res, arrival) => {
        if (arrival.id === 'first') release.promise.then(() => ok(req, res, arrival))
        else ok(req, res, arrival)
      })
      const dispatcher = later(new Pool(doku.url, { connections: 1 }), (it) => it.close())
      const transport = transportTo(doku.url, { dispatcher })
      const arrived = doku.arrived('first')
      const first = post(transport, 'first')
      await arrived
      const second = lossOf(post(transport, 'second', { deadlineMs: 7_777 }))
      timers.fire()
      expect(await second).to.equal('not-sent')
      release.resolve()
      expect((await first).httpStatus).to.equal(200)
      expect((await post(transport, 'third')).httpStatus).to.equal(200)
      expect(doku.arrivals.map(({ id }) => id)).to.deep.equal(['first', 'third'])
    })

    it('for the connection to be made: says not-sent, and never sends it afterwards', async () => {
      const timers = holdTimers(7_777)
      const doku = await peer(ok)
      const asked = deferred<() => void>()
      let attempts = 0
      const connect = (options: buildConnector.Options, callback: buildConnector.Callback) => {
        const start = () => buildConnector({})(options, callback)
        if (++attempts === 1) asked.resolve(start)
        else start()
      }
      const dispatcher = later(new Pool(doku.url, { connections: 1, connect }), (it) => it.close())
      const transport = transportTo(doku.url, { dispatcher })
      const first = lossOf(post(transport, 'first', { deadlineMs: 7_777 }))
      const goOn = await asked.promise
      timers.fire()
      expect(await first).to.equal('not-sent')
      const second = post(transport, 'second')
      goOn()
      expect((await second).httpStatus).to.equal(200)
      expect(doku.arrivals.map(({ id }) => id)).to.deep.equal(['second'])
    })
  })

  it('stops its timer when the answer is there', async () => {
    const timers = holdTimers(7_777)
    const doku = await peer((req, res, arrival) =>
      arrival.id === 'cut' ? req.socket.destroy() : ok(req, res, arrival),
    )
    const transport = transportTo(doku.url)
    await post(transport, '1', { deadlineMs: 7_777 })
    await lossOf(post(transport, 'cut', { deadlineMs: 7_777 }))
    expect(timers.pending()).to.equal(0)
  })

  for (const status of [301, 302, 303, 307, 308]) {
    it(`does not follow HTTP ${status}`, async () => {
      const doku = await peer((_req, res) => res.writeHead(status, { location: '/elsewhere' }).end())
      expect((await post(transportTo(doku.url), '1')).httpStatus).to.equal(status)
      expect(doku.arrivals.map(({ url }) => url)).to.deep.equal(['/pay'])
    })
  }

  it('sends nothing twice when the other side closes connections as it likes, 500 times', async () => {
    const endings: Behaviour[] = [
      (req, res) => void res.end('{}', () => req.socket.destroy()),
      (req, res) => void res.end('{}', () => req.socket.resetAndDestroy()),
      (req, res) => void res.end('{}', () => setImmediate(() => req.socket.end())),
      (req) => req.socket.destroy(),
      ok,
    ]
    const doku = await peer((req, res, arrival) => endings[Number(arrival.id) % endings.length]?.(req, res, arrival))
    const transport = transportTo(doku.url)
    const outcomes: string[] = []
    for (let round = 0; round < 500; round += 1) outcomes.push(await lossOf(post(transport, String(round))))
    outcomes.forEach((outcome, round) => {
      const count = doku.count(String(round))
      if (outcome === 'answered') expect(count, `round ${round}`).to.equal(1)
      else expect(count, `round ${round}: ${outcome}`).to.be.at.most(outcome === 'not-sent' ? 0 : 1)
    })
    expect(outcomes.filter((outcome) => outcome === 'answered')).to.have.length.above(100)
    expect(outcomes).to.include('unknown')
  })

  it('keeps a connection that is in order', async () => {
    const doku = await peer(ok)
    const transport = transportTo(doku.url)
    let connections = 0
    doku.server.on('connection', () => connections++)
    for (let round = 0; round < 20; round += 1) await post(transport, String(round))
    // A second one is made when a request leaves before undici has put the first away.
    expect(connections).to.be.at.most(2)
  })

  describe('when it is closed', () => {
    it('waits for what is under way, and drops its connections', async () => {
      const release = deferred<void>()
      const doku = await peer((req, res, arrival) => void release.promise.then(() => ok(req, res, arrival)))
      const transport = createTransport({ baseUrl: doku.url, maxAnswerBytes })
      const arrived = doku.arrived('1')
      const answer = post(transport, '1')
      await arrived
      const dropped = Promise.all([...doku.sockets].map((socket) => once(socket, 'close')))
      const closing = transport.close()
      release.resolve()
      expect((await answer).httpStatus).to.equal(200)
      await closing
      await dropped
    })

    it('leaves the host’s own dispatcher open', async () => {
      const doku = await peer(ok)
      const dispatcher = later(new Pool(doku.url), (it) => it.close())
      await createTransport({ baseUrl: doku.url, maxAnswerBytes, dispatcher }).close()
      expect((await post(transportTo(doku.url, { dispatcher }), '1')).httpStatus).to.equal(200)
    })
  })
})
