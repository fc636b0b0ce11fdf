import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { expect } from 'chai'
import { type KeyInput, parsePrivateKey, parsePublicKey } from '../../../lib/doku/keys.ts'

const passphrase = 'correct horse battery staple'
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
const pkcs8Der = privateKey.export({ type: 'pkcs8', format: 'der' })
const pkcs1Der = privateKey.export({ type: 'pkcs1', format: 'der' })
const locked = { cipher: 'aes-256-cbc', passphrase }
const lockedPkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem', ...locked }).toString()
const lockedPkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem', ...locked }).toString()
const lockedDer = privateKey.export({ type: 'pkcs8', format: 'der', ...locked })
const spki = publicKey.export({ type: 'spki', format: 'pem' }).toString()
const publicPkcs1 = publicKey.export({ type: 'pkcs1', format: 'pem' }).toString()
const spkiDer = publicKey.export({ type: 'spki', format: 'der' })
const publicPkcs1Der = publicKey.export({ type: 'pkcs1', format: 'der' })

const escaped = (pem: string) => pem.replaceAll('\n', '\\n')
const crlf = (pem: string) => pem.replaceAll('\n', '\r\n')
const bare = (der: Buffer) => der.toString('base64')
const wrapped = (pem: string) => Buffer.from(pem).toString('base64')
const folded = (der: Buffer) => bare(der).replace(/(.{64})/g, '$1\n')

function refusalOf(parse: () => KeyObject): string {
  try {
    parse()
  } catch (error) {
    expect(error).to.be.instanceOf(TypeError)
    return (error as TypeError).message
  }
  throw new Error('the key was accepted')
}

/** No run of the key's own characters, long enough to be no accident, in any spelling of it. */
function expectNoKeyIn(message: string, input: KeyInput): void {
  const text =
    typeof input === 'string' ? input : input instanceof Uint8Array ? Buffer.from(input).toString('base64') : ''
  const material = text.replace(/-----[^-]*-----|\\n|\s/g, '')
  for (let start = 0; start + 12 <= material.length; start++) {
    expect(message).not.to.include(material.slice(start, start + 12))
  }
}

describe('a private key', () => {
  const forms: Record<string, KeyInput> = {
    'PKCS#8 PEM': pkcs8,
    'PKCS#1 PEM': pkcs1,
    'PKCS#8 PEM with \\n for line ends': escaped(pkcs8),
    'PKCS#1 PEM with \\n for line ends': escaped(pkcs1),
    'PEM with \\r\\n for line ends': escaped(crlf(pkcs8)).replaceAll('\r', '\\r'),
    'PEM escaped twice': pkcs8.replaceAll('\n', '\\\\n'),
    'PEM with CRLF escaped twice': pkcs8.replaceAll('\n', '\\\\r\\\\n'),
    'PEM with CRLF': crlf(pkcs8),
    'PEM with blanks around it': `\n  ${pkcs8}\n\n`,
    'PEM without a last line end': pkcs8.trimEnd(),
    'PEM with a byte order mark': `\uFEFF${pkcs8}`,
    'bare Base64 of PKCS#8': bare(pkcs8Der),
    'bare Base64 of PKCS#1': bare(pkcs1Der),
    'bare Base64 on many lines': folded(pkcs8Der),
    'bare Base64 on many lines, escaped': escaped(folded(pkcs8Der)),
    'bare url-safe Base64': pkcs8Der.toString('base64url'),
    'PKCS#8 PEM wrapped in Base64': wrapped(pkcs8),
    'PKCS#1 PEM with CRLF wrapped in Base64': wrapped(crlf(pkcs1)),
    'the bytes of a PEM': Buffer.from(pkcs8),
    'the bytes of a PEM with a byte order mark': Buffer.from(`\uFEFF${pkcs8}`),
    'the bytes of a PEM, as a Uint8Array': new Uint8Array(Buffer.from(pkcs1)),
    'the bytes of a Base64 text': Buffer.from(folded(pkcs8Der)),
    'PKCS#8 DER': pkcs8Der,
    'PKCS#1 DER': pkcs1Der,
    'DER as a Uint8Array': new Uint8Array(pkcs8Der),
    'a KeyObject': privateKey,
  }
  for (const [name, input] of Object.entries(forms)) {
    it(`is read from ${name}`, () => expect(parsePrivateKey(input).equals(privateKey)).to.equal(true))
    it(`is read from ${name}, with a passphrase that it does not need`, () => {
      expect(parsePrivateKey(input, passphrase).equals(privateKey)).to.equal(true)
    })
  }

  const encrypted: Record<string, KeyInput> = {
    'PKCS#8 PEM': lockedPkcs8,
    'PKCS#1 PEM (Proc-Type)': lockedPkcs1,
    'PKCS#8 PEM with \\n for line ends': escaped(lockedPkcs8),
    'PKCS#1 PEM with \\n for line ends': escaped(lockedPkcs1),
    'PKCS#8 PEM with CRLF': crlf(lockedPkcs8),
    'PKCS#8 PEM wrapped in Base64': wrapped(lockedPkcs8),
    'the bytes of a PEM': Buffer.from(lockedPkcs8),
    'PKCS#8 DER': lockedDer,
    'bare Base64 of PKCS#8': bare(lockedDer),
  }
  for (const [name, input] of Object.entries(encrypted)) {
    it(`is read from encrypted ${name}`, () => {
      expect(parsePrivateKey(input, passphrase).equals(privateKey)).to.equal(true)
    })

    it(`in encrypted ${name} asks for the passphrase, or for the right one`, () => {
      const without = refusalOf(() => parsePrivateKey(input))
      expect(without).to.equal('this is an encrypted private key; privateKeyPassphrase is needed too')
      for (const wrong of ['wrong', '']) {
        const message = refusalOf(() => parsePrivateKey(input, wrong))
        expect(message).to.match(/^this is an encrypted private key that privateKeyPassphrase does not open;/)
        expectNoKeyIn(message, input)
      }
      expectNoKeyIn(without, input)
    })
  }
})

describe('a public key', () => {
  const forms: Record<string, KeyInput> = {
    'SPKI PEM': spki,
    'PKCS#1 PEM': publicPkcs1,
    'PEM with \\n for line ends': escaped(spki),
    'PEM with CRLF': crlf(spki),
    'bare Base64 of SPKI': bare(spkiDer),
    'bare Base64 of PKCS#1': bare(publicPkcs1Der),
    'bare Base64 on many lines': folded(spkiDer),
    'PEM wrapped in Base64': wrapped(spki),
    'the bytes of a PEM': Buffer.from(spki),
    'the bytes of a Base64 text': Buffer.from(bare(spkiDer)),
    'SPKI DER': spkiDer,
    'PKCS#1 DER': publicPkcs1Der,
    'a KeyObject': publicKey,
  }
  for (const [name, input] of Object.entries(forms)) {
    it(`is read from ${name}`, () => expect(parsePublicKey(input).equals(publicKey)).to.equal(true))
  }
})

describe('a wrong key', () => {
  const pem = (key: KeyObject) =>
    key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }).toString()
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const sec1 = ec.privateKey.export({ type: 'sec1', format: 'pem' }).toString()
  const ed25519 = generateKeyPairSync('ed25519')
  const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 })
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const armoured = (label: string, der: Buffer) => `-----BEGIN ${label}-----\n${folded(der)}\n-----END ${label}-----\n`
  const noise = Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 7919) % 251))

  const forPrivate: Record<string, [KeyInput, RegExp]> = {
    'a public key': [spki, /^this is a PUBLIC key; the private key is needed$/],
    'a PKCS#1 public key': [publicPkcs1, /^this is a PUBLIC key; the private key is needed$/],
    'a public key as bare Base64': [bare(spkiDer), /^this is a PUBLIC key; the private key is needed$/],
    'a public key as DER': [spkiDer, /^this is a PUBLIC key; the private key is needed$/],
    'a public KeyObject': [publicKey, /^this is a PUBLIC key; the private key is needed$/],
    'a secret KeyObject': [createSecretKey(Buffer.alloc(32)), /^this is a SECRET key; the private key is needed$/],
    'an EC key': [sec1, /^this is an EC key; an RSA private key of at least 2048 bits is needed$/],
    'an EC key in PKCS#8': [pem(ec.privateKey), /^this is an EC key; an RSA private key/],
    'an ed25519 key': [pem(ed25519.privateKey), /^this is a key of type ed25519; an RSA private key/],
    'an RSA-PSS key': [pem(pss.privateKey), /^this is a key of type rsa-pss; an RSA private key/],
    'a key of 1024 bits': [
      pem(short.privateKey),
      /^this is an RSA key of 1024 bits; an RSA private key of at least 2048/,
    ],
    'a KeyObject of 1024 bits': [short.privateKey, /^this is an RSA key of 1024 bits/],
    'a damaged key': [pkcs8.replace(/\n.{64}\n/, '\n'), /^this is a damaged PRIVATE key; the private key is needed$/],
    'a damaged public key': [
      armoured('PUBLIC KEY', noise),
      /^this is a damaged PUBLIC key; the private key is needed$/,
    ],
    'an OpenSSH key': [
      armoured('OPENSSH PRIVATE KEY', noise),
      /^this is an OpenSSH private key \(convert .+\); the private/,
    ],
    'a PEM of another kind': [
      armoured('DH PARAMETERS', noise),
      /^this is a PEM of another kind; the private key is needed$/,
    ],
    'Base64 of something else': [bare(noise), /^this is no key; the private key is needed$/],
    'bytes of something else': [noise, /^this is no key; the private key is needed$/],
    'an OpenSSH public key': [
      'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 me@home',
      /^this is neither PEM nor Base64; the private/,
    ],
    'a sentence': ['see the vault, or ask Budi!', /^this is neither PEM nor Base64; the private key is needed$/],
    'an empty text': ['', /^this is empty; the private key is needed$/],
    'empty bytes': [Buffer.alloc(0), /^this is empty; the private key is needed$/],
    'blanks only': [' \n ', /^this is neither PEM nor Base64; the private key is needed$/],
  }
  const forPublic: Record<string, [KeyInput, RegExp]> = {
    'a private key': [pkcs8, /^this is a PRIVATE key; the public key is needed$/],
    'a PKCS#1 private key': [escaped(pkcs1), /^this is a PRIVATE key; the public key is needed$/],
    'a private key as bare Base64': [bare(pkcs8Der), /^this is a PRIVATE key; the public key is needed$/],
    'a private key as DER': [pkcs1Der, /^this is a PRIVATE key; the public key is needed$/],
    'a private KeyObject': [privateKey, /^this is a PRIVATE key; the public key is needed$/],
    'an encrypted private key': [lockedPkcs8, /^this is an encrypted PRIVATE key; the public key is needed$/],
    'an encrypted PKCS#1 key': [lockedPkcs1, /^this is an encrypted PRIVATE key; the public key is needed$/],
    'an encrypted private key as DER': [lockedDer, /^this is an encrypted PRIVATE key; the public key is needed$/],
    'an EC key': [pem(ec.publicKey), /^this is an EC key; an RSA public key of at least 2048 bits is needed$/],
    'an ed25519 key': [pem(ed25519.publicKey), /^this is a key of type ed25519; an RSA public key/],
    'a key of 1024 bits': [
      pem(short.publicKey),
      /^this is an RSA key of 1024 bits; an RSA public key of at least 2048/,
    ],
    'an OpenSSH key': [
      armoured('OPENSSH PRIVATE KEY', noise),
      /^this is an OpenSSH private key .+; the public key is needed$/,
    ],
    'a damaged key': [armoured('PUBLIC KEY', noise), /^this is a damaged PUBLIC key; the public key is needed$/],
    'a damaged private key': [
      armoured('PRIVATE KEY', noise),
      /^this is a damaged PRIVATE key; the public key is needed$/,
    ],
    'Base64 of something else': [bare(noise), /^this is no key; the public key is needed$/],
    'a sentence': ['see the vault, or ask Budi!', /^this is neither PEM nor Base64; the public key is needed$/],
    'an empty text': ['', /^this is empty; the public key is needed$/],
  }

  for (const [name, [input, words]] of Object.entries(forPrivate)) {
    it(`in place of the private one is refused in words: ${name}`, () => {
      const message = refusalOf(() => parsePrivateKey(input))
      expect(message).to.match(words)
      expectNoKeyIn(message, input)
    })
  }
  for (const [name, [input, words]] of Object.entries(forPublic)) {
    it(`in place of the public one is refused in words: ${name}`, () => {
      const message = refusalOf(() => parsePublicKey(input))
      expect(message).to.match(words)
      expectNoKeyIn(message, input)
    })
  }

  it('is refused in words when it is a certificate that cannot even be read', () => {
    const certificate = armoured('CERTIFICATE', noise)
    expect(refusalOf(() => parsePrivateKey(certificate))).to.match(
      /^this is a certificate .+; the private key is needed$/,
    )
    expect(refusalOf(() => parsePublicKey(certificate))).to.match(/^this is a certificate \(/)
  })
})
