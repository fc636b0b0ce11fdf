import { formatTimestamp, parseTimestamp } from '../../doku/timestamp.ts'
import { minifyJson } from '../../primitives/json.ts'
import { type Alternative, type Alternatives, distinct } from './explain-signature.ts'

/** A notification as it arrived. */
export interface Captured {
  readonly method: string
  /** Path and query as requested. A capture may leave them out. */
  readonly target: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface Surroundings {
  /** The public URL of the notification route. Undefined: the requested path counts. */
  readonly notificationUrl: string | undefined
  readonly secretKeys: readonly string[]
  /** The access token that DOKU had issued to the merchant at that time, if it is known. */
  readonly dokuToken: string | undefined
}

/** Lists all values that senders are known to sign, in addition to those that the protocol demands. */
export function whatWasSigned(captured: Captured, surroundings: Surroundings): Alternatives {
  const { headers, body } = captured
  return {
    token: tokens(headers, surroundings.dokuToken),
    path: paths(captured.target, surroundings.notificationUrl),
    body: bodies(body),
    timestamp: timestamps(headers['x-timestamp'] ?? ''),
    secret: secrets(surroundings.secretKeys),
    spelling: spellings(headers['x-signature'] ?? ''),
  }
}

/** [C-9](https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-9): DOKU's pages do not say which token is signed. */
function tokens(headers: Captured['headers'], dokuToken: string | undefined): readonly Alternative<string>[] {
  const authorization = headers.authorization ?? ''
  const customer = headers['authorization-customer']?.replace(/^bearer /i, '')
  return distinct([
    { says: 'the bearer of the header', value: authorization.replace(/^bearer /i, '') },
    { says: 'no token: an empty one', value: '', taken: 'empty' },
    ...(dokuToken === undefined
      ? []
      : [
          { says: 'the access token that DOKU issued to the merchant', value: dokuToken, taken: 'doku-token' as const },
        ]),
    { says: 'the whole Authorization header, with Bearer', value: authorization },
    ...(customer === undefined ? [] : [{ says: 'the customer token of Authorization-customer', value: customer }]),
  ])
}

/**
 * The path on DOKU's pages. DOKU really posts to the merchant's own path.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-2
 */
const nominalPath = '/v1.0/debit/notify'

function paths(target: string, notificationUrl: string | undefined): readonly Alternative<string>[] {
  const [requested = '', query] = splitQuery(target)
  const known = notificationUrl === undefined ? undefined : new URL(notificationUrl)
  const path = known?.pathname ?? requested
  const given = { says: `the path ${path}`, value: path + query }
  const asked = [{ says: `the requested path, ${requested}`, value: target }]
  return distinct([
    given,
    ...asked,
    { says: 'the path without its query', value: path },
    ...tails(path).map((tail) => ({ says: `the path from ${tail} on`, value: tail + query })),
    ...tails(requested).map((tail) => ({
      says: `the requested path from ${tail} on`,
      value: tail + query,
    })),
    { says: `the path with a final slash, ${path}/`, value: `${path}/${query}` },
    ...(known ? [{ says: 'the whole URL, with scheme and host', value: known.origin + path + query }] : []),
    { says: 'the path with its escapes decoded', value: decoded(path + query) },
    { says: `DOKU's nominal path, ${nominalPath}`, value: nominalPath },
  ])
}

function splitQuery(target: string): [path: string, query: string] {
  const index = target.indexOf('?')
  return index === -1 ? [target, ''] : [target.slice(0, index), target.slice(index)]
}

/** `/a/b/c` => `/b/c`, `/c`. */
function tails(path: string): string[] {
  const segments = path.split('/').slice(1)
  return segments.slice(1).map((_, index) => `/${segments.slice(index + 1).join('/')}`)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function bodies(raw: Buffer): readonly Alternative<Buffer>[] {
  const minified = minifyJson(raw)
  const spelt = (says: string, value: string) => ({ says, value: Buffer.from(value) })
  const value = parse(raw)
  const compact = value === undefined ? '' : JSON.stringify(value)
  return distinct([
    { says: 'the body minified', value: minified },
    { says: 'the body as it came, with its whitespace', value: raw, taken: 'always' },
    spelt('the body parsed and written again, by JSON.stringify', compact || minified.toString()),
    spelt('the body with escaped slashes, as PHP writes it', compact.replaceAll('/', '\\/') || minified.toString()),
    spelt('the body in ASCII, as Python writes it', ascii(compact) || minified.toString()),
    spelt(
      'the body with a blank after every colon and comma, as Python writes it',
      spaced(value) || minified.toString(),
    ),
    spelt('no body at all', ''),
  ])
}

function parse(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8'))
  } catch {
    return undefined
  }
}

function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`
  if (typeof value !== 'object' || value === null) return value === undefined ? '' : JSON.stringify(value)
  const fields = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}: ${spaced(inner)}`)
  return `{${fields.join(', ')}}`
}

const jakartaMs = 7 * 3_600_000

function timestamps(header: string): readonly Alternative<string>[] {
  const at = parseTimestamp(header)
  const given = { says: 'the timestamp of the header', value: header }
  if (at === undefined) return [given]
  return distinct([
    given,
    { says: 'the same time in UTC', value: formatTimestamp(at) },
    { says: 'the same time in UTC with milliseconds', value: new Date(at).toISOString() },
    { says: 'the same time in Jakarta', value: formatTimestamp(at + jakartaMs).replace('Z', '+07:00') },
  ])
}

function secrets(secretKeys: readonly string[]): readonly Alternative<string>[] {
  const known = secretKeys.map((value, index) => ({
    says: index === 0 ? 'the secret key' : `the older secret key, secretKey.${index}`,
    value,
    taken: 'always' as const,
  }))
  const trimmed = secretKeys.map((value) => ({
    says: 'the secret key without the blanks around it',
    value: value.trim(),
  }))
  return distinct([...known, ...trimmed])
}

function spellings(signature: string): readonly Alternative<string>[] {
  const given = { says: 'Base64', value: signature }
  const hex = Buffer.from(signature, 'hex').toString('base64')
  const standard = Buffer.from(signature, 'base64').toString('base64')
  const isHex = /^[0-9a-f]{128}$/i.test(signature)
  return distinct([
    given,
    ...(isHex ? [{ says: 'hex in place of Base64', value: hex }] : []),
    ...(isHex ? [] : [{ says: 'Base64 in another form: URL-safe, unpadded, or with blanks', value: standard }]),
  ])
}
