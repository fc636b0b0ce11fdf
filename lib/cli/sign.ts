import { sha256Hex, signAsymmetric, signSymmetric, stringToSign, tokenStringToSign } from '../doku/signature.ts'
import { formatTimestamp, parseTimestamp } from '../doku/timestamp.ts'
import { systemClock } from '../primitives/clock.ts'
import { minifyJson } from '../primitives/json.ts'
import { maskSecret } from '../redaction.ts'
import { type Command, type ExitCode, type Flags, type Io, requiredText, textOf, UsageError } from './command.ts'
import {
  type Given,
  givenFlags,
  privateKeysOf,
  readGiven,
  requireOption,
  secretKeysOf,
  variablesHelp,
} from './given.ts'
import { readInput } from './io.ts'

export const sign: Command = {
  name: 'sign',
  summary: 'shows the string-to-sign and the signature of a request, step by step, for a support ticket',
  flags: {
    asymmetric: {
      says: 'signs a token request: RSA over client id and timestamp; default: HMAC, as for all other requests',
    },
    path: { value: '<path>', says: 'the path of the request with its query, without scheme and host' },
    method: { value: '<method>', says: 'default: POST' },
    body: { value: '<file>', says: 'the body of the request; - is standard input; default: no body' },
    timestamp: { value: '<time>', says: 'X-TIMESTAMP, byte for byte; default: now' },
    json: { says: 'prints one JSON object' },
    ...givenFlags,
  },
  details: `The access token (B2B) comes from DOKU_ACCESS_TOKEN, without Bearer. The output masks the token and nothing else. DOKU has
the token, so the rest is enough to compare. DOKU_SECRET_KEY signs, or DOKU_PRIVATE_KEY with --asymmetric.
${variablesHelp}`,
  async run(io, flags) {
    const given = await readGiven(io, flags)
    const steps = flags.has('asymmetric') ? signTokenCall(given, flags) : await signCall(io, given, flags)
    io.out(
      flags.has('json')
        ? JSON.stringify(Object.fromEntries(steps.map(({ name, value }) => [name, value])))
        : show(steps),
    )
    return 0 satisfies ExitCode
  },
}

interface Step {
  /** Its name in the JSON. */
  readonly name: string
  readonly says: string
  readonly value: string
}

function timestampOf(flags: Flags): string {
  const timestamp = textOf(flags, 'timestamp') ?? formatTimestamp(systemClock())
  if (parseTimestamp(timestamp) !== undefined) return timestamp
  throw new UsageError('--timestamp must be like 2026-01-02T03:04:05Z or 2026-01-02T10:04:05+07:00')
}

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#2 */
function signTokenCall(given: Given, flags: Flags): Step[] {
  const useless = ['path', 'method', 'body'].filter((name) => flags.has(name))
  if (useless.length > 0) throw new UsageError(`--asymmetric signs no ${useless.join(' and no ')}: leave that out`)
  const clientId = requireOption(given, 'clientId')
  const [privateKey] = privateKeysOf(given)
  const timestamp = timestampOf(flags)
  const text = tokenStringToSign(clientId, timestamp)
  return [
    { name: 'clientId', says: 'client id, the header X-CLIENT-KEY', value: clientId },
    { name: 'timestamp', says: 'timestamp, the header X-TIMESTAMP', value: timestamp },
    { name: 'stringToSign', says: 'string-to-sign: client id | timestamp', value: text },
    {
      name: 'signature',
      says: 'X-SIGNATURE: Base64 of SHA256withRSA with the merchant’s private key',
      value: signAsymmetric(text, privateKey),
    },
  ]
}

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#1 */
async function signCall(io: Io, given: Given, flags: Flags): Promise<Step[]> {
  const path = requiredText(flags, 'path', '<path>')
  if (!path.startsWith('/'))
    throw new UsageError('--path must begin with /: give the path and query only, without scheme and host')
  const method = (textOf(flags, 'method') ?? 'POST').toUpperCase()
  const [secretKey] = secretKeysOf(given)
  const accessToken = given.environment.DOKU_ACCESS_TOKEN?.replace(/^Bearer /i, '') ?? ''
  const sent = await bodyOf(io, flags)
  const body = minifyJson(sent)
  const timestamp = timestampOf(flags)
  const signed = { method, path, accessToken, body, timestamp }
  const masked = accessToken === '' ? '' : maskSecret(accessToken)
  const same = body.equals(sent)
    ? 'as it is sent, because it is minified already'
    : `minified, ${sent.length - body.length} bytes of whitespace less`
  return [
    { name: 'method', says: 'method', value: method },
    { name: 'path', says: 'path and query', value: path },
    { name: 'accessToken', says: `access token, ${accessToken.length} characters, masked here`, value: masked },
    { name: 'body', says: `body, ${same}`, value: body.toString('utf8') },
    { name: 'bodySha256', says: 'SHA-256 of the minified body, lower-case hex', value: sha256Hex(body) },
    { name: 'timestamp', says: 'timestamp, the header X-TIMESTAMP', value: timestamp },
    {
      name: 'stringToSign',
      says: 'string-to-sign: method:path:token:hash:timestamp, with the token masked',
      value: stringToSign({ ...signed, accessToken: masked }),
    },
    {
      name: 'signature',
      says: 'X-SIGNATURE: Base64 of HMAC-SHA512 with the secret key, over the whole token',
      value: signSymmetric(stringToSign(signed), secretKey),
    },
  ]
}

async function bodyOf(io: Io, flags: Flags): Promise<Buffer> {
  const file = textOf(flags, 'body')
  if (file === undefined) return Buffer.alloc(0)
  return readInput(io, file)
}

function show(steps: readonly Step[]): string {
  return steps
    .map(({ says, value }, index) => `${index + 1}. ${says}\n   ${value === '' ? '(empty)' : value}`)
    .join('\n')
}
