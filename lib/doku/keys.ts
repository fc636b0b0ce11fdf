import { createPrivateKey, createPublicKey, KeyObject } from 'node:crypto'

/**
 * A key in any form that merchants have: PEM (PKCS#1 or PKCS#8) with real or escaped line ends, Base64 in one line or
 * several, DER bytes, or a KeyObject.
 */
export type KeyInput = string | Uint8Array | KeyObject

/** `label` is the PEM's own word for its content, for example `RSA PRIVATE KEY`. */
type Source =
  | { readonly pem: string; readonly label: string; readonly der?: never }
  | { readonly der: Buffer; readonly label: ''; readonly pem?: never }

const armour = /-----BEGIN ([A-Z0-9 ]+)-----/
const base64 = /^[A-Za-z0-9+/_-]+={0,2}$/
const minimumBits = 2048

/**
 * Reads text or bytes as PEM or DER.
 * @returns undefined if it is neither
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#13 for the forms that merchants use
 */
function toSource(input: string | Uint8Array): Source | undefined {
  const text = (typeof input === 'string' ? input : Buffer.from(input).toString('utf8'))
    .replace(/(?:\\+r)?\\+n/g, '\n')
    .trim()
  const label = armour.exec(text)?.[1]
  if (label !== undefined) return { pem: text, label }
  const compact = text.replace(/\s/g, '')
  if (!base64.test(compact)) return typeof input === 'string' ? undefined : { der: Buffer.from(input), label: '' }
  const decoded = Buffer.from(compact, 'base64')
  return armour.test(decoded.toString('latin1')) ? toSource(decoded) : { der: decoded, label: '' }
}

type Attempt = () => KeyObject

function firstThatParses(attempts: readonly Attempt[]): KeyObject | undefined {
  for (const attempt of attempts) {
    try {
      return attempt()
    } catch {
      // It is not this form. If none fits, the caller says so.
    }
  }
  return undefined
}

function readPrivate({ pem, der }: Source, passphrase?: string): KeyObject | undefined {
  if (pem !== undefined) return firstThatParses([() => createPrivateKey({ key: pem, passphrase })])
  const forms = (['pkcs8', 'pkcs1'] as const).map(
    (type) => () => createPrivateKey({ key: der, format: 'der', type, passphrase }),
  )
  return firstThatParses(forms)
}

function readPublic({ pem, der }: Source): KeyObject | undefined {
  if (pem !== undefined) return firstThatParses([() => createPublicKey(pem)])
  const forms = (['spki', 'pkcs1'] as const).map((type) => () => createPublicKey({ key: der, format: 'der', type }))
  return firstThatParses(forms)
}

/** An encrypted PKCS#8 names an algorithm that begins so: one of PKCS#5 (RFC 8018) or of PKCS#12 (RFC 7292). */
const encryptionIds = [Buffer.from('06092a864886f70d0105', 'hex'), Buffer.from('060a2a864886f70d010c01', 'hex')]

function isEncrypted({ pem, der }: Source): boolean {
  if (pem !== undefined) return /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(pem)
  return encryptionIds.some((id) => der.subarray(0, 32).includes(id))
}

/** Names the given thing in words that the host understands, if it is not the key that is needed. */
function describe(source: Source): string {
  const found = source.label
  if (found.includes('OPENSSH')) return 'an OpenSSH private key (convert it with ssh-keygen -p -m PEM)'
  if (isEncrypted(source)) return 'an encrypted PRIVATE key'
  if (found.includes('CERTIFICATE REQUEST')) return 'a certificate request'
  if (found.includes('CERTIFICATE')) return 'a certificate (openssl x509 -pubkey -noout shows its public key)'
  if (found.includes('PRIVATE')) return readPrivate(source) ? 'a PRIVATE key' : 'a damaged PRIVATE key'
  if (found.includes('PUBLIC')) return readPublic(source) ? 'a PUBLIC key' : 'a damaged PUBLIC key'
  if (found) return 'a PEM of another kind'
  if (readPrivate(source)) return 'a PRIVATE key'
  return readPublic(source) ? 'a PUBLIC key' : 'no key'
}

type Side = 'private' | 'public'

function refusal(given: string, side: Side, needed = `the ${side} key is needed`): TypeError {
  return new TypeError(`this is ${given}; ${needed}`)
}

function requireSource(input: string | Uint8Array, side: Side): Source {
  if (input.length === 0) throw refusal('empty', side)
  const source = toSource(input)
  if (!source) throw refusal('neither PEM nor Base64', side)
  return source
}

function requireRsa(key: KeyObject, side: Side): KeyObject {
  if (key.type !== side) throw refusal(`a ${key.type.toUpperCase()} key`, side)
  const rsa = `an RSA ${side} key of at least ${minimumBits} bits is needed`
  const type = key.asymmetricKeyType ?? 'unknown'
  if (type !== 'rsa') throw refusal(type === 'ec' ? 'an EC key' : `a key of type ${type}`, side, rsa)
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < minimumBits) throw refusal(`an RSA key of ${bits} bits`, side, rsa)
  return key
}

/**
 * Parses the merchant's private key. Parse once and keep the KeyObject: signing with PEM text costs three times as much.
 * @throws TypeError that names the given thing and the needed one, and never quotes the key
 */
export function parsePrivateKey(input: KeyInput, passphrase?: string): KeyObject {
  if (input instanceof KeyObject) return requireRsa(input, 'private')
  const source = requireSource(input, 'private')
  const key = readPrivate(source, passphrase)
  if (key) return requireRsa(key, 'private')
  if (!isEncrypted(source)) throw refusal(describe(source), 'private')
  throw new TypeError(encryptedHint(passphrase))
}

function encryptedHint(passphrase: string | undefined): string {
  return passphrase === undefined
    ? 'this is an encrypted private key; privateKeyPassphrase is needed too'
    : 'this is an encrypted private key that privateKeyPassphrase does not open; the right passphrase is needed'
}

/**
 * Parses DOKU's public key.
 * @throws TypeError that names the given thing and the needed one, and never quotes the key
 */
export function parsePublicKey(input: KeyInput): KeyObject {
  if (input instanceof KeyObject) return requireRsa(input, 'public')
  const source = requireSource(input, 'public')
  const found = source.label
  // Node can read the key out of a certificate, but does not check whether the certificate is still valid.
  if (found.includes('CERTIFICATE')) throw refusal(describe(source), 'public')
  // Node can derive a public key from a private one, but then it is not the key that DOKU's dashboard shows.
  const isPrivate = found.includes('PRIVATE') || (!found && readPrivate(source) !== undefined)
  const key = isPrivate ? undefined : readPublic(source)
  if (!key) throw refusal(describe(source), 'public')
  return requireRsa(key, 'public')
}
