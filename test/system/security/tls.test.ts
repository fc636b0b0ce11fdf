import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import type { DokuOvoOptions } from 'express-doku-ovo'
import { dokuOvo } from 'express-doku-ovo'
import { compiled } from '../../support/compiled.ts'
import { need } from '../../support/servers.ts'
import { testOptions } from '../../support/shop.ts'

const run = promisify(execFile)

describe('TLS towards DOKU', () => {
  let folder: string
  before(function () {
    folder = mkdtempSync(join(tmpdir(), 'ovo-tls-'))
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-days', '2']
    const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
    try {
      execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject], {
        stdio: 'pipe',
      })
    } catch {
      need(this, 'openssl', false)
    }
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  /** What comes of one request to such a server, and how many requests the server saw. */
  async function post(server: ServerOptions, environment: Record<string, string>, floor = '1.2', host = '127.0.0.1') {
    let seen = 0
    const credentials = { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) }
    const listening = createServer({ ...credentials, ...server }, (_req, res) => {
      seen++
      res.end('{}')
    })
    listening.listen(0, '127.0.0.1')
    await once(listening, 'listening')
    const url = `https://${host}:${(listening.address() as AddressInfo).port}`
    const args = [compiled('test/system/security/tls-client.js'), url, floor]
    const { stdout } = await run(process.execPath, args, { env: { ...process.env, ...environment } })
    listening.closeAllConnections()
    await once(listening.close(), 'close')
    return { outcome: stdout, seen }
  }

  const trusting = () => ({ NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem') })
  const refused = { outcome: 'not-sent', seen: 0 }
  const answered = { outcome: '200', seen: 1 }
  const only = (version: 'TLSv1.2' | 'TLSv1.3', ciphers?: string): ServerOptions => ({
    minVersion: version,
    maxVersion: version,
    ...(ciphers !== undefined && { ciphers }),
  })

  it('refuses a certificate that nobody vouches for, before a byte is sent', async () => {
    expect(await post({}, {})).to.deep.equal(refused)
  })

  it('refuses it as well when the environment says not to look', async () => {
    expect(await post({}, { NODE_TLS_REJECT_UNAUTHORIZED: '0' })).to.deep.equal(refused)
  })

  it('refuses a certificate of another host', async () => {
    expect(await post({}, { ...trusting(), NODE_TLS_REJECT_UNAUTHORIZED: '0' }, '1.2', '127.0.0.2')).to.deep.include({
      outcome: 'not-sent',
    })
  })

  it('accepts one that is vouched for, over TLS 1.3 and 1.2', async () => {
    expect(await post(only('TLSv1.3'), trusting())).to.deep.equal(answered)
    expect(await post(only('TLSv1.2'), trusting())).to.deep.equal(answered)
  })

  it('speaks no TLS 1.2 when told so', async () => {
    expect(await post(only('TLSv1.2'), trusting(), '1.3')).to.deep.equal(refused)
    expect(await post(only('TLSv1.3'), trusting(), '1.3')).to.deep.equal(answered)
  })

  it('speaks nothing older, nor suites without GCM or forward secrecy', async () => {
    const old: ServerOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }
    expect(await post(old, trusting())).to.deep.equal(refused)
    expect(await post(only('TLSv1.2', 'ECDHE-RSA-AES256-SHA384'), trusting())).to.deep.equal(refused)
    expect(await post(only('TLSv1.2', 'AES256-GCM-SHA384'), trusting())).to.deep.equal(refused)
  })

  for (const tls of ['1.1', '1.0', 1.3, false, { rejectUnauthorized: false }]) {
    it(`has no option ${JSON.stringify(tls)}`, () => {
      const options = { ...testOptions('https://127.0.0.1', 'https://shop.example'), tls } as unknown as DokuOvoOptions
      expect(() => dokuOvo(options)).to.throw(/tls: /)
    })
  }
})
