import { createPrivateKey, createPublicKey, KeyObject } from 'node:crypto'

/** A key as merchants have it: PEM (PKCS#1 or PKCS#8), with real or escaped line ends, bare or wrapped Base64, DER bytes, or a KeyObject. */
export type KeyInput = string | Uint8Array | KeyObject

interface Source {
  readonly pem?: string
  readonly der?: Buffer
}

const armour = /-----BEGIN ([A-Z0-9 ]+)-----/
const minimumBits = 2048

/** Text or bytes to PEM text or DER bytes. @see protocol.md §13 for the forms seen in the wild */
function toSource(input: string | Uint8Array): Source {
  const text = (typeof input === 'string' ? input : Buffer.from(input).toString('latin1'))
    .replaceAll('\\r', '')
    .replaceAll('\\n', '\n')
    .trim()
  if (armour.test(text)) return { pem: text }
  if (typeof input !== 'string') return { der: Buffer.from(input) }
  const compact = text.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(compact)) throw new TypeError('this is neither PEM nor Base64')
  const decoded = Buffer.from(compact, 'base64')
  return armour.test(decoded.toString('latin1')) ? toSource(decoded) : { der: decoded }
}

type Attempt = () => KeyObject

function firstThatParses(attempts: readonly Attempt[]): KeyObject | undefined {
  for (const attempt of attempts) {
    try {
      return attempt()
    } catch {
      // Not this form; the next one is tried, and the caller words the refusal when none fits.
    }
  }
  return undefined
}

function readPrivate({ pem, der }: Source, passphrase?: string): KeyObject | undefined {
  if (pem !== undefined) {
    const key = passphrase === undefined ? pem : { key: pem, passphrase }
    return firstThatParses([() => createPrivateKey(key)])
  }
  const forms = (['pkcs8', 'pkcs1'] as const).map((type) => () => {
    const encoded = { key: der ?? Buffer.alloc(0), format: 'der', type } as const
    return createPrivateKey(passphrase === undefined ? encoded : { ...encoded, passphrase })
  })
  return firstThatParses(forms)
}

function readPublic({ pem, der }: Source): KeyObject | undefined {
  if (pem !== undefined) return firstThatParses([() => createPublicKey(pem)])
  const forms = (['spki', 'pkcs1'] as const).map(
    (type) => () => createPublicKey({ key: der ?? Buffer.alloc(0), format: 'der', type }),
  )
  return firstThatParses(forms)
}

/** Says in a person's words what a PEM that could not be used is. */
function describePem(label: string): string {
  if (label.includes('ENCRYPTED')) return 'an encrypted private key'
  if (label.includes('OPENSSH')) return 'an OpenSSH private key (convert it with ssh-keygen -p -m PEM)'
  if (label.includes('CERTIFICATE REQUEST')) return 'a certificate request'
  if (label.includes('CERTIFICATE')) return 'a certificate'
  if (label.includes('PUBLIC')) return 'a PUBLIC key'
  return label.includes('PRIVATE') ? 'a PRIVATE key' : `a ${label}`
}

function label(source: Source): string {
  return source.pem ? (armour.exec(source.pem)?.[1] ?? '') : ''
}

function requireRsa(key: KeyObject, type: 'private' | 'public'): KeyObject {
  if (key.type !== type) throw new TypeError(`this is a ${key.type.toUpperCase()} key; the ${type} key is needed`)
  if (key.asymmetricKeyType !== 'rsa') {
    throw new TypeError(`this is ${describeType(key)} key; DOKU needs RSA of ${minimumBits} bits`)
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < minimumBits) throw new TypeError(`this RSA key has ${bits} bits; DOKU needs ${minimumBits}`)
  return key
}

function describeType(key: KeyObject): string {
  return key.asymmetricKeyType === 'ec' ? 'an EC' : `an ${key.asymmetricKeyType ?? 'unknown'}`
}

/**
 * The merchant's private key, parsed once: signing with the KeyObject costs a third of signing with PEM text.
 * @throws TypeError saying what was given and what is needed; never quotes the key
 */
export function parsePrivateKey(input: KeyInput, passphrase?: string): KeyObject {
  if (input instanceof KeyObject) return requireRsa(input, 'private')
  const source = toSource(input)
  const key = readPrivate(source, passphrase)
  if (key) return requireRsa(key, 'private')
  const found = label(source)
  const encrypted = found.includes('ENCRYPTED') || source.pem?.includes('Proc-Type: 4,ENCRYPTED')
  if (encrypted) throw new TypeError(encryptedHint(passphrase))
  if (readPublic(source)) {
    throw new TypeError(`this is ${describePem(found || 'PUBLIC')}; the private key is needed`)
  }
  throw new TypeError(found ? `this is ${describePem(found)} that cannot be read` : 'this is no RSA private key')
}

function encryptedHint(passphrase: string | undefined): string {
  return passphrase === undefined
    ? 'this is an encrypted private key; give privateKeyPassphrase too'
    : 'this encrypted private key does not open with privateKeyPassphrase'
}

/**
 * DOKU's public key, parsed once.
 * @throws TypeError saying what was given and what is needed; never quotes the key
 */
export function parsePublicKey(input: KeyInput): KeyObject {
  if (input instanceof KeyObject) return requireRsa(input, 'public')
  const source = toSource(input)
  const found = label(source)
  if (found.includes('PRIVATE') || (!found && readPrivate(source))) {
    throw new TypeError('this is a PRIVATE key; the public key is needed')
  }
  if (found.includes('CERTIFICATE')) {
    throw new TypeError(`this is ${describePem(found)}; the public key is needed (openssl x509 -pubkey -noout)`)
  }
  const key = readPublic(source)
  if (key) return requireRsa(key, 'public')
  throw new TypeError(found ? `this is ${describePem(found)} that cannot be read` : 'this is no RSA public key')
}
