import { execFileSync, spawnSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { parsePrivateKey, parsePublicKey } from '../../../lib/doku/keys.ts'
import { need } from '../../support/servers.ts'

const passphrase = 'correct horse battery staple'
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = (type: 'pkcs1' | 'pkcs8') => privateKey.export({ type, format: 'pem' }).toString()

/** Runs the openssl command line on a key that exists for the length of the call. */
function openssl(args: string[], key: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'))
  try {
    writeFileSync(join(folder, 'key'), key, { mode: 0o600 })
    return execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function refusalOf(parse: () => KeyObject): string {
  try {
    parse()
  } catch (error) {
    expect(error).to.be.instanceOf(TypeError)
    return (error as TypeError).message
  }
  throw new Error('the key was accepted')
}

describe('what openssl makes', () => {
  before(function () {
    need(this, 'openssl', spawnSync('openssl', ['version']).status === 0)
  })

  it('is read as a private key when it is what the commands on DOKU’s page make: PBE-SHA1-3DES', () => {
    const command = ['pkcs8', '-topk8', '-inform', 'PEM', '-outform', 'PEM', '-in', 'key', '-v1', 'PBE-SHA1-3DES']
    const locked = openssl([...command, '-passout', `pass:${passphrase}`], pem('pkcs1'))
    const der = Buffer.from(locked.replace(/-----.*-----/g, ''), 'base64')
    expect(locked).to.contain('BEGIN ENCRYPTED PRIVATE KEY')
    for (const input of [locked, der]) {
      expect(parsePrivateKey(input, passphrase).equals(privateKey)).to.equal(true)
      expect(refusalOf(() => parsePrivateKey(input))).to.contain('privateKeyPassphrase is needed too')
      expect(refusalOf(() => parsePrivateKey(input, 'wrong'))).to.contain('privateKeyPassphrase does not open')
    }
  })

  it('is refused as a key, in words, when it is a certificate or a certificate request', () => {
    const request = ['req', '-new', '-key', 'key', '-subj', '/CN=shop.example']
    const csr = openssl(request, pem('pkcs8'))
    const certificate = openssl([...request, '-x509', '-days', '1'], pem('pkcs8'))
    expect(refusalOf(() => parsePrivateKey(csr))).to.equal('this is a certificate request; the private key is needed')
    expect(refusalOf(() => parsePrivateKey(certificate))).to.match(
      /^this is a certificate .+; the private key is needed$/,
    )
    expect(refusalOf(() => parsePublicKey(csr))).to.match(/^this is a certificate request; the public key is needed$/)
    expect(refusalOf(() => parsePublicKey(certificate))).to.match(
      /^this is a certificate \(openssl x509.+\); the public key/,
    )
  })
})
