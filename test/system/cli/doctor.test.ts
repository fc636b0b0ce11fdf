import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import express, { type Express } from 'express'
import { type DokuOvo, type DokuOvoOptions, dokuOvo } from 'express-doku-ovo'
import type { Simulator, SimulatorOptions } from 'express-doku-ovo/simulator'
import { dokuKeys, merchantKeys, secretKey } from '../../support/keys.ts'
import { startSimulator, testOptions } from '../../support/shop.ts'
import { freePort, merchantEnvironment, optionsModule } from './host.ts'
import { runCli } from './run-cli.ts'

interface Found {
  readonly check: string
  readonly status: string
  readonly says: string
  readonly fix?: string
}

/** A host at `/ovo`, put together as the test says. */
interface Host {
  readonly publicUrl: string
  readonly ovo: DokuOvo
}

describe('doctor', () => {
  let simulator: Simulator
  let server: Server
  const opened: DokuOvo[] = []

  const open = async (options: Partial<SimulatorOptions> = {}) => {
    simulator = await startSimulator(options)
    server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((ovo) => ovo.close()))
    await simulator.close()
    server.closeAllConnections()
    server.close()
  })

  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  function host(options: Partial<DokuOvoOptions> = {}, arrange?: (app: Express, ovo: DokuOvo) => void): Host {
    const publicUrl = `${origin()}/ovo`
    const ovo = dokuOvo({ ...testOptions(simulator.url, publicUrl), ...options })
    opened.push(ovo)
    const app = express()
    if (arrange) arrange(app, ovo)
    else app.use('/ovo', ovo)
    server.on('request', app)
    return { publicUrl, ovo }
  }

  async function examine(publicUrl: string, more = '', args: readonly string[] = []) {
    const folder = optionsModule(simulator.url, publicUrl, more)
    const { code, out, err } = await runCli(['doctor', '--options', './ovo.mjs', '--json', ...args], { folder })
    expect(err).to.equal('')
    expect(out).not.to.contain(secretKey).and.not.to.contain('PRIVATE')
    const { findings } = JSON.parse(out) as { findings: Found[] }
    const of = (check: string) => findings.find((one) => one.check === check) ?? expect.fail(`no ${check} in ${out}`)
    return { code, findings, of }
  }

  it('finds all well with a simulator and an app that runs', async () => {
    await open()
    const { publicUrl } = host()
    const { code, findings, of } = await examine(publicUrl)
    expect(findings.filter(({ status }) => status === 'failed')).to.deep.equal([])
    expect(code).to.equal(0)
    for (const check of [
      'options',
      'private key',
      'DOKU’s key',
      'token',
      'clock',
      'insert',
      'compare-and-set',
      'latency',
      'router',
      'Token URL',
      'Notification URL',
    ]) {
      expect(of(check).status, check).to.equal('ok')
    }
    expect(of('Token URL').says).to.contain('4017300')
    expect(of('storage').status).to.equal('warning')
    expect(of('publicUrl').fix).to.be.a('string')
    // It changed nothing, and charged nobody.
    expect(simulator.ledger).to.deep.equal([])
  })

  it('says it all for people too, with what to do below', async () => {
    await open()
    const folder = optionsModule(simulator.url, `${origin()}/ovo`)
    server.on('request', express())
    const { code, out } = await runCli(['doctor', '--options', './ovo.mjs'], { folder })
    expect(code).to.equal(1)
    expect(out).to.match(
      /^FAILED {3}router .*but this is not the router’s answer\n +to do: mount the router at the path of publicUrl/m,
    )
    expect(out).to.contain('1 failed.')
  })

  it('reads the environment, and says that it names no storage', async () => {
    await open()
    const { publicUrl } = host()
    const environment = merchantEnvironment({
      DOKU_ENVIRONMENT: simulator.url,
      OVO_PUBLIC_URL: publicUrl,
      DOKU_API: 'core-v1',
    })
    const { code, out } = await runCli(['doctor'], { environment })
    expect(code).to.equal(0)
    expect(out).to.contain('variables cannot describe a storage')
    expect(out).to.contain('the running app uses api ovo-v1.0, these options core-v1')
  })

  it('lists every wrong option with its variable', async () => {
    await open()
    const environment = merchantEnvironment({ DOKU_PRIVATE_KEY: merchantKeys.publicKey, DOKU_API: 'core' })
    const { code, out } = await runCli(['doctor'], { environment })
    expect(code).to.equal(1)
    expect(out).to.contain('privateKey (DOKU_PRIVATE_KEY): this is a PUBLIC key; the private key is needed')
    expect(out).to.contain('publicUrl (OVO_PUBLIC_URL): is missing')
    expect(out).to.contain('api (DOKU_API): ')
  })

  it('knows whether the uploaded key belongs to the private key', async () => {
    await open()
    const { publicUrl } = host()
    const folder = optionsModule(simulator.url, publicUrl)
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' })
    writeFileSync(join(folder, 'right.pem'), merchantKeys.publicKey)
    writeFileSync(join(folder, 'wrong.pem'), other)
    const look = async (file: string) =>
      (await runCli(['doctor', '--options', './ovo.mjs', '--public-key', file], { folder })).out
    expect(await look('right.pem')).to.contain('it belongs to the private key')
    expect(await look('wrong.pem')).to.match(/FAILED +public key +it does not belong to the private key/)
  })

  it('says what to upload when DOKU knows another key, and what is wrong when it knows no such client', async () => {
    await open({ merchantPublicKey: dokuKeys.publicKey })
    const { publicUrl } = host()
    const { of } = await examine(publicUrl)
    expect(of('token').says).to.contain('4017300 Unauthorized. Signature')
    expect(of('token').fix).to.contain('Merchant Public Key')
    const stranger = await examine(publicUrl, "clientId: 'BRN-9',")
    expect(stranger.of('token').fix).to.contain('is clientId the Client ID')
    expect(stranger.of('Token URL').fix).to.contain('a different clientId')
  })

  it('says how wrong the clock is', async () => {
    await open({ timestampWindowMs: 3_600_000 })
    const { publicUrl } = host()
    const slow = await examine(publicUrl, 'clock: () => Date.now() - 120_000,')
    expect(slow.of('clock')).to.include({ status: 'warning' })
    expect(slow.of('clock').says).to.match(/^1(19|20|21) s behind DOKU’s$/)
    const fast = await examine(publicUrl, 'clock: () => Date.now() + 900_000,')
    expect(fast.of('clock')).to.include({ status: 'failed' })
    expect(fast.of('clock').says).to.match(/^(899|90[01]) s ahead of DOKU’s$/)
  })

  it('says that DOKU cannot be reached', async () => {
    await open()
    const { publicUrl } = host()
    const folder = optionsModule('http://127.0.0.1:1', publicUrl)
    const { code, out } = await runCli(['doctor', '--options', './ovo.mjs'], { folder })
    expect(code).to.equal(1)
    expect(out).to.contain('DOKU could not be reached (ECONNREFUSED)')
  })

  it('catches a storage that lets two callers win', async () => {
    await open()
    const { publicUrl } = host()
    const careless = `storage: {
      scope: 'cluster', async read() {}, async remove() {}, async lease() { return [] },
      async insert(key, value) { return { key, value, version: 1 } },
      async update(key, value) { return { key, value, version: 2 } },
    },`
    const { code, of } = await examine(publicUrl, careless)
    expect(code).to.equal(1)
    for (const check of ['insert', 'compare-and-set']) {
      expect(of(check)).to.include({ status: 'failed', says: '20 of 20 simultaneous callers won' })
      expect(of(check).fix).to.contain('do not take payments')
    }
  })

  it('says what a storage that is down says, and writes nothing that stays in one that is up', async () => {
    await open()
    const { publicUrl } = host()
    const down = `storage: (() => {
      const fail = async () => { throw new Error('relation "ovo" does not exist') }
      return { scope: 'cluster', read: fail, insert: fail, update: fail, remove: fail, lease: fail }
    })(),`
    const broken = await runCli(['doctor', '--options', './ovo.mjs'], {
      folder: optionsModule(simulator.url, publicUrl, down),
    })
    expect(broken.code).to.equal(1)
    expect(broken.out).to.match(/FAILED +storage +relation "ovo" does not exist\n +to do: start the server/)
    const kept = `storage: (() => {
      const inner = memoryStorage(), keys = new Set()
      return { scope: inner.scope, read: inner.read.bind(inner), update: inner.update.bind(inner), lease: inner.lease.bind(inner),
        async insert(key, ...rest) { keys.add(key); return inner.insert(key, ...rest) },
        async remove(key) { keys.delete(key); return inner.remove(key) },
        async close() { if (keys.size > 0) console.error('LEFT', [...keys]) } }
    })(),`
    await examine(publicUrl, kept)
  })

  it('tells a body parser in front, another path, another secret and a route that is not there', async () => {
    await open()
    const parsed = host({}, (app, ovo) => app.use(express.json()).use('/ovo', ovo))
    const consumed = await examine(parsed.publicUrl)
    expect(consumed.of('Notification URL').fix).to.contain('keepRawBody')
    expect(consumed.of('Token URL').fix).to.contain('keepRawBody')

    server.removeAllListeners('request')
    const { publicUrl } = host({ publicUrl: `${origin()}/shop/ovo` })
    expect((await examine(publicUrl)).of('Notification URL').fix).to.contain('a different path in its publicUrl')

    server.removeAllListeners('request')
    host({ secretKey: 'SK-of-another-environment' })
    expect((await examine(publicUrl)).of('Notification URL').fix).to.contain('a different secretKey')

    server.removeAllListeners('request')
    host({ routes: { webhookToken: false } })
    expect((await examine(publicUrl)).of('Token URL').fix).to.contain('does not lead to the router')
  })

  it('says that the app does not run', async () => {
    await open()
    const address = `http://127.0.0.1:${await freePort()}/ovo`
    const { code, of } = await examine(address)
    expect(code).to.equal(1)
    expect(of('router')).to.include({
      status: 'failed',
      says: `${address}: cannot be reached (ECONNREFUSED)`,
    })
    expect(of('webhooks').status).to.equal('skipped')
  })
})
