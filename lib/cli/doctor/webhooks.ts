import { InboundTokens } from '../../doku/inbound-token.ts'
import { signSymmetric, stringToSign } from '../../doku/signature.ts'
import { formatTimestamp } from '../../doku/timestamp.ts'
import type { Settings } from '../../options/options.ts'
import { randomToken } from '../../primitives/ids.ts'
import { isObject, type JsonObject, parseJson } from '../../primitives/json.ts'
import type { Finding } from '../command.ts'

/** The app's answer. */
interface Reply {
  readonly status: number
  /** Empty when it is not a JSON object. */
  readonly body: JsonObject
}

/** How long the command waits for the app, in ms. DOKU documents no limit of its own. */
const timeoutMs = 10_000

/** Calls the app's routes at publicUrl. Each call has one known mistake, so the app's refusal shows how far the call came. */
export async function checkWebhooks(settings: Settings): Promise<Finding[]> {
  const health = await checkHealth(settings)
  if (health.status === 'failed') {
    return [health, { check: 'webhooks', status: 'skipped', says: 'publicUrl does not lead to the router' }]
  }
  return [health, await checkTokenWebhook(settings), await checkNotificationWebhook(settings)]
}

async function checkHealth({ publicUrl, routes, api }: Settings): Promise<Finding> {
  const check = 'router'
  if (routes.health === false) return { check, status: 'skipped', says: 'the route health is off' }
  const reply = await call(`${publicUrl}/health`, { method: 'GET' })
  if (typeof reply === 'string') return { check, status: 'failed', says: `${publicUrl}: ${reply}`, fix: notStarted }
  const isOurs = Array.isArray(reply.body.routes) && isObject(reply.body.storage)
  if (!isOurs) {
    const says = `GET ${publicUrl}/health answers ${reply.status}, but this is not the router’s answer`
    return {
      check,
      status: 'failed',
      says,
      fix: 'mount the router at the path of publicUrl, or change publicUrl; a proxy in front must keep the path',
    }
  }
  if (reply.status !== 200)
    return {
      check,
      status: 'failed',
      says: `the running app answers ${reply.status}: ${reply.body.status}`,
      fix: 'its storage cannot be reached',
    }
  if (reply.body.api !== api)
    return {
      check,
      status: 'warning',
      says: `the running app uses api ${reply.body.api}, these options ${api}`,
      fix: 'restart the app with these options',
    }
  return { check, status: 'ok', says: `found at ${publicUrl}` }
}

const notStarted = 'start the app; if it runs elsewhere, check DNS, proxy and certificate'

/** Only DOKU can sign a token request, so the right answer to this one is 4017300 for its signature. */
async function checkTokenWebhook({ publicUrl, clientId, clock, routes }: Settings): Promise<Finding> {
  const check = 'Token URL'
  if (routes.webhookToken === false)
    return {
      check,
      status: 'failed',
      says: 'the route webhookToken is off',
      fix: 'turn it on: DOKU needs a token for each notification',
    }
  const headers = { 'x-client-key': clientId, 'x-timestamp': formatTimestamp(clock()), 'x-signature': randomToken(256) }
  const reply = await call(`${publicUrl}/webhooks/token`, {
    body: JSON.stringify({ grantType: 'client_credentials' }),
    headers,
  })
  return { check, ...judge(reply, '4017300', 'Unauthorized. Signature', tokenFixes) }
}

/**
 * Signs a notification correctly, but with a wrong X-PARTNER-ID. The app checks that last, so it complains about it only if
 * path, token, secret, body and clock are right.
 */
async function checkNotificationWebhook(settings: Settings): Promise<Finding> {
  const { publicUrl, clientId, secretKey, privateKeys, clock, routes, webhooks } = settings
  const check = 'Notification URL'
  if (routes.webhookNotification === false)
    return {
      check,
      status: 'failed',
      says: 'the route webhookNotification is off',
      fix: 'turn it on: without it the app learns about payments only from status checks',
    }
  const url = new URL(`${publicUrl}/webhooks/notification`)
  const bearer = await new InboundTokens(clientId, privateKeys, clock).issue()
  const accessToken = webhooks.signedWith.includes('bearer') ? bearer : ''
  const body = JSON.stringify({ originalPartnerReferenceNo: 'doctor', latestTransactionStatus: '01' })
  const timestamp = formatTimestamp(clock())
  const text = stringToSign({ method: 'POST', path: url.pathname, accessToken, body, timestamp })
  const headers = {
    'x-timestamp': timestamp,
    'x-signature': signSymmetric(text, secretKey),
    'x-partner-id': 'doctor',
    authorization: `Bearer ${bearer}`,
  }
  return {
    check,
    ...judge(await call(url.href, { body, headers }), '4015600', 'Unauthorized. Unknown Client', notificationFixes),
  }
}

/** The start of an answer's code and message, and how to fix the problem behind it. */
type Fixes = readonly (readonly [answer: string, fix: string])[]

const consumed = [
  '500',
  'something reads the body before the router: mount it before express.json(), or use express.json({ verify: keepRawBody })',
] as const
const tooMany = [
  '429',
  'the router refused too many calls in the last minute: wait, and run the command again',
] as const

const tokenFixes: Fixes = [
  ['4017300 Unauthorized. Unknown Client', 'the running app has a different clientId: restart it with these options'],
  consumed,
  tooMany,
]

const notificationFixes: Fixes = [
  ['4015601', 'the running app has a different privateKey, clientId or clock: restart it with these options'],
  [
    '4015600 Unauthorized. Signature',
    'the running app has a different path in its publicUrl, or a different secretKey, and would refuse DOKU too: use the address and the secret in DOKU’s dashboard',
  ],
  consumed,
  tooMany,
]

function judge(reply: Reply | string, code: string, message: string, fixes: Fixes): Omit<Finding, 'check'> {
  if (typeof reply === 'string') return { status: 'failed', says: reply, fix: notStarted }
  const answer = `${reply.body.responseCode} ${reply.body.responseMessage}`
  if (answer === `${code} ${message}`)
    return { status: 'ok', says: `the app answers, and refuses the wrong call as it must: ${answer}` }
  if (typeof reply.body.responseCode !== 'string') {
    const fix = 'the path does not lead to the router, or a proxy answers in its place: let POST through'
    return { status: 'failed', says: `it answers ${reply.status}, but this is not the router’s answer`, fix }
  }
  const fix =
    fixes.find(([beginning]) => answer.startsWith(beginning))?.[1] ??
    'run `express-doku-ovo verify` on a refused notification'
  return { status: 'failed', says: `it answers ${reply.status} ${answer}`, fix }
}

/** @returns a text that says why, if there is no answer */
async function call(
  url: string,
  request: { method?: string; body?: string; headers?: Record<string, string> },
): Promise<Reply | string> {
  const { method = 'POST', body, headers } = request
  try {
    const answer = await fetch(url, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body }),
    })
    const parsed = parseJson(await answer.text())
    return { status: answer.status, body: parsed.ok && isObject(parsed.value) ? parsed.value : {} }
  } catch (error) {
    const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException }
    return `cannot be reached (${cause?.code ?? cause?.message ?? message})`
  }
}
