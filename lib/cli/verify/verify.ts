import { createPublicKey } from 'node:crypto'
import { Inbound, InboundMessage } from '../../doku/inbound.ts'
import { InboundTokens } from '../../doku/inbound-token.ts'
import { tokenStringToSign, verifyAsymmetric } from '../../doku/signature.ts'
import { InboundRefusal } from '../../doku/snap-reply.ts'
import { formatTimestamp, parseTimestamp } from '../../doku/timestamp.ts'
import { optionsSchema } from '../../options/schema.ts'
import { systemClock } from '../../primitives/clock.ts'
import { parseJson } from '../../primitives/json.ts'
import {
  type Command,
  type ExitCode,
  type Finding,
  type Flags,
  type Io,
  requiredText,
  showFindings,
  textOf,
  UsageError,
} from '../command.ts'
import {
  dokuKeysOf,
  type Given,
  givenFlags,
  privateKeysOf,
  readGiven,
  requireOption,
  secretKeysOf,
  variablesHelp,
} from '../given.ts'
import { readInput } from '../io.ts'
import { explainSignature, isSignedWithRsa, signatureFinding } from './explain-signature.ts'
import { captureForms, readCaptured } from './read-captured.ts'
import { type Captured, whatWasSigned } from './what-was-signed.ts'

export const verify: Command = {
  name: 'verify',
  summary: 'says why the app refuses a captured notification: token, path, body, timestamp or secret',
  flags: {
    request: { value: '<file>', says: 'the captured request; - is standard input' },
    at: { value: '<time>', says: 'the time of arrival; default: now' },
    json: { says: 'prints one JSON object' },
    ...givenFlags,
  },
  details: `${captureForms}

The command checks the request as the app does. If the signature does not fit, the command tries other values that may have
been signed: the token of the header or none, the path with and without query and prefixes, the body minified or written
again, the timestamp in another form, each secret key. If DOKU_ACCESS_TOKEN is set, it is tried as the token that DOKU issued.
Exit code 1: the app refuses the request. ${variablesHelp}`,
  run: judge,
}

interface Judgement {
  readonly given: Given
  readonly captured: Captured
  readonly at: number
  readonly notificationUrl: string | undefined
}

async function judge(io: Io, flags: Flags): Promise<ExitCode> {
  const file = requiredText(flags, 'request', '<file>')
  const captured = readCaptured(await readInput(io, file))
  const given = await readGiven(io, flags)
  const judgement = { given, captured, at: arrivalOf(flags), notificationUrl: notificationUrlOf(given, captured) }
  const isToken = isTokenRequest(captured)
  const refusal = await refusalOf(judgement, isToken)
  const findings = [
    ...(isToken ? [] : [await tokenFinding(judgement)]),
    clientFinding(judgement, isToken ? 'X-CLIENT-KEY' : 'X-PARTNER-ID'),
    timestampFinding(judgement),
    bodyFinding(captured),
    isToken ? tokenSignatureFinding(captured, given) : notificationSignatureFinding(judgement),
  ]
  const answer = refusal ? `${refusal.httpStatus} ${refusal.responseCode} ${refusal.responseMessage}` : 'accepted'
  if (flags.has('json')) io.out(JSON.stringify({ accepted: !refusal, answer, findings }))
  else io.out(`${showFindings(findings)}\n\n${refusal ? `The app answers ${answer}.` : 'The app accepts it.'}`)
  return refusal ? 1 : 0
}

/**
 * Whether this is DOKU's request for the app's token, which comes before a notification.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-1
 */
function isTokenRequest({ headers }: Captured): boolean {
  return headers['x-client-key'] !== undefined && headers['x-partner-id'] === undefined
}

function arrivalOf(flags: Flags): number {
  const text = textOf(flags, 'at')
  const at = text === undefined ? systemClock() : parseTimestamp(text)
  if (at === undefined) throw new UsageError('--at must be like 2026-01-02T03:04:05Z or 2026-01-02T10:04:05+07:00')
  return at
}

function notificationUrlOf({ options }: Given, { target }: Captured): string | undefined {
  const { publicUrl } = options
  if (publicUrl === undefined) return undefined
  if (!URL.canParse(publicUrl)) throw new UsageError('publicUrl must be an absolute http(s) URL')
  const query = target.indexOf('?')
  return `${publicUrl.replace(/\/+$/, '')}/webhooks/notification${query === -1 ? '' : target.slice(query)}`
}

function webhooksOf({ options }: Given) {
  const parsed = optionsSchema.shape.webhooks.safeParse(options.webhooks)
  if (!parsed.success) throw new UsageError(`webhooks: ${parsed.error.issues[0]?.message}`)
  return parsed.data
}

function inboundOf({ given, at }: Judgement, isToken: boolean): Inbound {
  const { windowMs, ...webhooks } = webhooksOf(given)
  return new Inbound({
    ...webhooks,
    clientId: requireOption(given, 'clientId'),
    secretKeys: secretKeysOf(given),
    privateKeys: privateKeysOf(given),
    dokuPublicKeys: isToken ? dokuKeysOf(given) : [],
    clock: () => at,
    notificationWindowMs: windowMs,
    currentAccessToken: async () => given.environment.DOKU_ACCESS_TOKEN,
  })
}

/** The app's refusal. @returns undefined if the app accepts the request */
async function refusalOf(judgement: Judgement, isToken: boolean): Promise<InboundRefusal | undefined> {
  const { captured, notificationUrl } = judgement
  const { pathname, search } = new URL(notificationUrl ?? captured.target, 'http://localhost')
  const path = notificationUrl === undefined ? captured.target : pathname + search
  try {
    const inbound = inboundOf(judgement, isToken)
    const message = new InboundMessage({ ...captured, path })
    await (isToken ? inbound.issueToken(message) : inbound.verifyNotification(message))
    return undefined
  } catch (error) {
    if (error instanceof InboundRefusal) return error
    throw error
  }
}

async function tokenFinding(judgement: Judgement): Promise<Finding> {
  const { captured, given, at } = judgement
  const token = captured.headers.authorization
  const check = 'token'
  const isNeeded = webhooksOf(given).requireBearer
  if (token === undefined) {
    const says = 'there is no Authorization header'
    if (!isNeeded) return { check, status: 'ok', says: `${says}, and webhooks.requireBearer is false` }
    const fix =
      'enter the Token URL in DOKU’s dashboard, so that DOKU fetches a token first; if DOKU sends no token, set webhooks: { requireBearer: false }'
    return { check, status: 'failed', says, fix }
  }
  const { isOurs, expiresAt } = await bearerOf(judgement, token)
  if (!isOurs) {
    const says = 'this app did not issue the bearer: its privateKey or its clientId is different'
    const fix =
      'check that the capture is of this merchant and environment, that privateKey was not changed since, and that the Token URL in DOKU’s dashboard is of this app'
    return { check, status: isNeeded ? 'failed' : 'warning', says, fix }
  }
  if (at < expiresAt)
    return {
      check,
      status: 'ok',
      says: `this app issued the bearer, which is valid until ${formatTimestamp(expiresAt)}`,
    }
  const says = `the bearer expired at ${formatTimestamp(expiresAt)}`
  const fix =
    'for an old capture, give its time of arrival with --at; otherwise DOKU keeps a token longer than its expiresIn'
  return { check, status: isNeeded ? 'failed' : 'warning', says, fix }
}

/** Whether the app issued the bearer, at any time. */
async function bearerOf({ given }: Judgement, authorization: string) {
  const token = authorization.replace(/^bearer /i, '')
  const { iat, exp } = claimsOf(token)
  const asOfThen = () => (iat ?? 0) * 1000
  const tokens = new InboundTokens(requireOption(given, 'clientId'), privateKeysOf(given), asOfThen)
  const isOurs = iat !== undefined && (await tokens.verify(token))
  return { isOurs, expiresAt: (exp ?? 0) * 1000 }
}

function claimsOf(token: string): { iat?: number; exp?: number } {
  const parsed = parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url'))
  const claims = (parsed.ok ? parsed.value : {}) as { iat?: unknown; exp?: unknown }
  const isNumber = typeof claims?.iat === 'number' && typeof claims.exp === 'number'
  return isNumber ? (claims as { iat: number; exp: number }) : {}
}

function clientFinding({ captured, given }: Judgement, header: 'X-PARTNER-ID' | 'X-CLIENT-KEY'): Finding {
  const check = 'client'
  const clientId = requireOption(given, 'clientId')
  const sent = captured.headers[header.toLowerCase()]
  if (sent === clientId) return { check, status: 'ok', says: `${header} is ${clientId}` }
  const says = `${header} is ${sent ?? 'missing'}, and clientId is ${clientId}`
  const fix = 'use the Client ID of the same environment: the sandbox and production have different ones'
  return { check, status: 'failed', says, fix }
}

function timestampFinding({ captured, given, at }: Judgement): Finding {
  const check = 'timestamp'
  const header = captured.headers['x-timestamp']
  const then = header === undefined ? undefined : parseTimestamp(header)
  if (then === undefined) {
    return {
      check,
      status: 'failed',
      says: `X-TIMESTAMP is ${header === undefined ? 'missing' : 'not an ISO 8601 time with a zone'}`,
    }
  }
  const { windowMs: notificationMs, tokenWindowMs } = webhooksOf(given)
  const isToken = isTokenRequest(captured)
  const windowMs = isToken ? tokenWindowMs : notificationMs
  const says = `${Math.round((at - then) / 1000)} s before ${formatTimestamp(at)}`
  if (Math.abs(at - then) <= windowMs) return { check, status: 'ok', says }
  const hint =
    'For an old capture, give its time of arrival with --at. Otherwise check the machine’s clock, and webhooks.'
  if (isToken) return { check, status: 'failed', says, fix: `${hint}tokenWindowMs` }
  const fix = `the app does not refuse a valid signature for that, but asks DOKU for the status. ${hint}windowMs`
  return { check, status: 'warning', says, fix }
}

function bodyFinding({ body }: Captured): Finding {
  const parsed = parseJson(body)
  if (parsed.ok) return { check: 'body', status: 'ok', says: `${body.length} bytes of JSON` }
  const says = body.length === 0 ? 'the body is empty' : `the body is not acceptable JSON (${parsed.reason})`
  return { check: 'body', status: 'failed', says, fix: 'capture the request before anything reads or changes the body' }
}

function notificationSignatureFinding({ captured, given, notificationUrl }: Judgement): Finding {
  const { DOKU_ACCESS_TOKEN: dokuToken } = given.environment
  if (captured.headers['x-signature'] === undefined) {
    return {
      check: 'signature',
      status: 'failed',
      says: 'X-SIGNATURE is missing',
      fix: 'the sender is not DOKU',
    }
  }
  const secretKeys = secretKeysOf(given)
  const alternatives = whatWasSigned(captured, { notificationUrl, secretKeys, dokuToken })
  const differences = explainSignature(alternatives)
  const isRsa = differences === undefined && isSignedWithRsa(alternatives, given.options.dokuPublicKey)
  return signatureFinding({ differences, isRsa, signedWith: webhooksOf(given).signedWith })
}

/** Says which key signed `X-CLIENT-KEY|X-TIMESTAMP`. */
function tokenSignatureFinding({ headers }: Captured, given: Given): Finding {
  const check = 'signature'
  const text = tokenStringToSign(headers['x-client-key'] ?? '', headers['x-timestamp'] ?? '')
  const isOf = (key: Parameters<typeof verifyAsymmetric>[1]) =>
    verifyAsymmetric(text, key, headers['x-signature'] ?? '')
  if (dokuKeysOf(given).some(isOf)) return { check, status: 'ok', says: 'DOKU’s key signed it' }
  if (given.options.privateKey !== undefined && privateKeysOf(given).some((key) => isOf(createPublicKey(key)))) {
    const says = 'the merchant’s own key signed it'
    return { check, status: 'failed', says, fix: 'the sender has the merchant’s private key, so it is not DOKU' }
  }
  const says = 'dokuPublicKey is not the key that signed it'
  const fix = 'copy the DOKU Public Key again, from the dashboard of the same environment (Settings › API Keys › SNAP)'
  return { check, status: 'failed', says, fix }
}
