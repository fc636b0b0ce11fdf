import { constants, createHmac, sign } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Random } from '../simulation/engine/random.ts'
import { clientId, dokuKeys, merchantKeys, secretKey } from '../support/keys.ts'
import { type Draft, draft, type Kind, request } from './genuine.ts'
import { checkedHeaders, disturbed, genuineOf, headerOf, type Trick, withBody, withHeader } from './mutant.ts'

/** Bytes, headers and paths that were changed on the way, and signatures of somebody else. */

export const disturbBody: Trick = (random, kind) => ({
  kind,
  trick: 'a byte of the body',
  request: withBody(kind, disturbed(random, genuineOf(kind).body)),
})

/** Node gives headers as Latin-1 text without control characters. */
export const disturbHeader: Trick = (random, kind) => {
  const name = random.pick(checkedHeaders(kind))
  const text = disturbed(random, Buffer.from(headerOf(kind, name), 'latin1')).toString('latin1')
  const sent = text.replace(/[^\x20-\x7e\x80-\xff]/g, '').trim()
  return { kind, trick: `a character of ${name}`, request: withHeader(kind, name, sent) }
}

const misuses: readonly [string, (value: string, random: Random) => string | string[] | undefined][] = [
  ['is missing', () => undefined],
  ['is empty', () => ''],
  ['comes twice', (value) => [value, value]],
  [
    'comes with another',
    (value, random) => [value, random.pick(['x', '0', value.toLowerCase()])].sort(() => random.next() - 0.5),
  ],
  ['is upside down', (value) => [...value].reverse().join('')],
  [
    'is another type’s',
    (_value, random) => random.pick(['null', 'undefined', '[object Object]', '__proto__', 'NaN', '*']),
  ],
  ['has a blank before it', (value) => ` ${value}`],
  ['has a tab behind it', (value) => `${value}\t`],
  ['is quoted', (value) => `"${value}"`],
  ['is 10 kB longer', (value) => value + 'A'.repeat(10_000)],
]

export const misuseHeader: Trick = (random, kind) => {
  const name = random.pick(checkedHeaders(kind))
  const [trick, misuse] = random.pick(misuses as [(typeof misuses)[number], ...typeof misuses])
  return { kind, trick: `${name} ${trick}`, request: withHeader(kind, name, misuse(headerOf(kind, name), random)) }
}

export const swapHeaders: Trick = (random, kind) => {
  const one = random.pick(checkedHeaders(kind))
  const other = random.pick(checkedHeaders(kind))
  const headers = { ...genuineOf(kind).headers, [one]: headerOf(kind, other), [other]: headerOf(kind, one) }
  const isSwap = one !== other
  return {
    kind,
    trick: 'headers change places',
    request: isSwap ? { ...genuineOf(kind), headers } : withBody(kind, ''),
  }
}

const respelt: readonly [string, (signature: string) => string][] = [
  ['hex', (text) => Buffer.from(text, 'base64').toString('hex')],
  ['base64url', (text) => `${Buffer.from(text, 'base64').toString('base64url')}_`],
  ['without padding', (text) => text.replace(/=+$/, '')],
  ['with more padding', (text) => `${text}=`],
  ['lower case', (text) => text.toLowerCase()],
  ['percent-encoded', (text) => `${encodeURIComponent(text)}%00`],
  ['with a spare bit', (text) => text.replace(/(.)(=+)$/, (_all, last: string, pad: string) => next(last) + pad)],
  ['with a scheme', (text) => `v1=${text}`],
  ['of no bytes', () => '='],
  ['of zeros', (text) => Buffer.alloc(Buffer.from(text, 'base64').length).toString('base64')],
]

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const next = (letter: string) => letters.charAt(letters.indexOf(letter) ^ 1)

export const respellSignature: Trick = (random, kind) => {
  const [how, spell] = random.pick(respelt as [(typeof respelt)[number], ...typeof respelt])
  const signature = spell(headerOf(kind, 'x-signature'))
  return { kind, trick: `the signature ${how}`, request: withHeader(kind, 'x-signature', signature) }
}

const otherSignatures: readonly ((text: string) => string)[] = [
  (text) => createHmac('sha256', secretKey).update(text).digest('base64'),
  (text) => createHmac('sha512', '').update(text).digest('base64'),
  (text) => createHmac('sha512', clientId).update(text).digest('base64'),
  (text) => createHmac('sha512', dokuKeys.publicKey).update(text).digest('base64'),
  (text) => sign('sha256', Buffer.from(text), merchantKeys.privateKey).toString('base64'),
  (text) => sign('sha512', Buffer.from(text), dokuKeys.privateKey).toString('base64'),
  (text) =>
    sign('sha256', Buffer.from(text), {
      key: dokuKeys.privateKey,
      padding: constants.RSA_PKCS1_PSS_PADDING,
    }).toString('base64'),
]

export const signOtherwise: Trick = (random, kind) => {
  const text = `${clientId}|${headerOf(kind, 'x-timestamp')}`
  const signature = random.pick(otherSignatures as [(typeof otherSignatures)[number], ...typeof otherSignatures])(text)
  return { kind, trick: 'signed in another way', request: withHeader(kind, 'x-signature', signature) }
}

/** Genuine for somebody else, or for another message. */
const strangers: readonly [string, Partial<Draft>][] = [
  ['another secret', { secret: 'SK-of-another-merchant', key: merchantKeys.privateKey }],
  ['no secret', { secret: '', key: merchantKeys.privateKey }],
  ['another merchant', { client: 'BRN-other' }],
  ['another merchant and its secret', { client: 'BRN-other', secret: 'SK-of-another-merchant' }],
  ['a client id in lower case', { client: clientId.toLowerCase() }],
  ['a path with a slash more', { path: '/ovo/webhooks/notification/' }],
]

export const beAnother: Trick = (random, kind) => {
  const [trick, change] = random.pick(strangers as [(typeof strangers)[number], ...typeof strangers])
  const sent = request(kind, draft(kind, change))
  const isPath = change.path !== undefined
  if (!isPath) return { kind, trick, request: sent }
  if (kind === 'token') return { kind, trick: 'no body', request: withBody(kind, '') }
  return { kind, trick, request: { ...sent, path: genuineOf(kind).path } }
}

const places = ['?', '?a=b', '/', '#', '/../notification', '//', '%20', ';v=1', '?status=paid', '\\'] as const

export const changePath: Trick = (random, kind) => {
  const of = kind === 'token' ? 'payment' : kind
  const { path } = genuineOf(of)
  const at = random.between(0, path.length)
  const changed = path.slice(0, at) + random.pick(places) + path.slice(at)
  return { kind: of, trick: 'another path', request: { ...genuineOf(of), path: changed } }
}

/** The signature of one genuine request on the body of another. */
export const splice: Trick = (random, kind) => {
  const other: Kind = kind === 'payment' ? random.pick(['binding', 'token']) : 'payment'
  const { headers, body, path } = genuineOf(kind)
  const parts = random.pick([
    { headers: genuineOf(other).headers, body, path },
    { headers: { ...headers, 'x-signature': headerOf(other, 'x-signature') }, body, path },
    { headers, body: genuineOf(other).body, path },
  ] as const)
  return { kind, trick: 'parts of two genuine requests', request: parts }
}

const encodings: readonly [string, (body: Buffer) => Buffer][] = [
  ['a byte order mark', (body) => Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), body])],
  ['UTF-16', (body) => Buffer.from(body.toString(), 'utf16le')],
  ['gzip', (body) => gzipSync(body)],
  ['Base64', (body) => Buffer.from(body.toString('base64'))],
  ['a form', (body) => Buffer.from(`body=${encodeURIComponent(body.toString())}`)],
  ['a list', (body) => Buffer.from(`[${body}]`)],
  ['a text', (body) => Buffer.from(JSON.stringify(body.toString()))],
  ['twice', (body) => Buffer.concat([body, body])],
  ['with a comment', (body) => Buffer.from(body.toString().replace('{', '{/**/'))],
  ['with a comma more', (body) => Buffer.from(body.toString().replace(/\}$/, ',}'))],
  ['with a null byte', (body) => Buffer.concat([body, Buffer.of(0)])],
]

export const encodeBody: Trick = (random, kind) => {
  const [trick, encode] = random.pick(encodings as [(typeof encodings)[number], ...typeof encodings])
  return { kind, trick: `the body as ${trick}`, request: withBody(kind, encode(genuineOf(kind).body)) }
}
