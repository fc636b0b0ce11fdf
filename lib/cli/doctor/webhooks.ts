import { InboundTokens } from '../../doku/inbound-token.ts'
import { signSymmetric, stringToSign } from '../../doku/signature.ts'
import { formatTimestamp } from '../../doku/timestamp.ts'
import type { Settings } from '../../options/options.ts'
import { randomToken } from '../../primitives/ids.ts'
import { isObject, type JsonObject, parseJson } from '../../primitives/json.ts'
import type { Finding } from '../command.ts'

/** What came back; `undefined`: nothing. */
interface Reply {
  readonly status: number
  /** Empty when it is no JSON object. */
  readonly body: JsonObject
}

/** How long the app may take, in ms. DOKU's patience is not documented. */
const patienceMs = 10_000

/** Calls the app's own routes at publicUrl: each refusal of a call that is wrong in one known way says how far it came. */
export async function checkWebhooks(settings: Settings): Promise<Finding[]> {
  const health = await checkHealth(settings)
  if (health.status === 'failed') {
    return [health, { check: 'webhooks', status: 'skipped', says: 'publicUrl does not lead to the router' }]
  }
  return [health, await checkTokenWebhook(settings), await checkNotificationWebhook(settings)]
}

async function checkHealth({ publicUrl, routes, api }: Settings): Promise<Finding> {
  const check = 'router'
  if (routes.health === false) return { check, status: 'skipped', says: 'GET /health is switched off' }
  const reply = await call(`${publicUrl}/health`, { method: 'GET' })
  if (typeof reply === 'string') return { check, status: 'failed', says: `${publicUrl}: ${reply}`, fix: notStarted }
  const isOurs = Array.isArray(reply.body.routes) && isObject(reply.body.storage)
  if (!isOurs) {
    const says = `GET ${publicUrl}/health answers ${reply.status}, and not as the router does`
    return {
      check,
      status: 'failed',
      says,
      fix: 'mount the router where publicUrl says, or make publicUrl the address at which it is; a proxy in front has to pass the path on',
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

const notStarted = 'start the app; when it runs elsewhere, look at DNS, proxy and certificate'

/** DOKU alone can sign a token request, so the right answer to ours is 4017300 for its signature. */
async function checkTokenWebhook({ publicUrl, clientId, clock, routes }: Settings): Promise<Finding> {
  const check = 'Token URL'
  if (routes.webhookToken === false)
    return {
      check,
      status: 'failed',
      says: 'the route webhookToken is switched off',
      fix: 'switch it on: DOKU needs a token for each notification',
    }
  const headers = { 'x-client-key': clientId, 'x-timestamp': formatTimestamp(clock()), 'x-signature': randomToken(256) }
  const reply = await call(`${publicUrl}/webhooks/token`, {
    body: JSON.stringify({ grantType: 'client_credentials' }),
    headers,
  })
  return { check, ...judge(reply, '4017300', 'Unauthorized. Signature', tokenFixes) }
}

/** Signed by the book but for X-PARTNER-ID, which is looked at last: path, token, secret, body and clock have to be right to get there. */
async function checkNotificationWebhook(settings: Settings): Promise<Finding> {
  const { publicUrl, clientId, secretKey, secretKeys, clock, routes, webhooks } = settings
  const check = 'Notification URL'
  if (routes.webhookNotification === false)
    return {
      check,
      status: 'failed',
      says: 'the route webhookNotification is switched off',
      fix: 'switch it on: without it only status checks tell of payments',
    }
  const url = new URL(`${publicUrl}/webhooks/notification`)
  const bearer = await new InboundTokens(clientId, secretKeys, clock).issue()
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

/** Answers of the running app that say what is wrong: the beginning of code and message, and what to do. */
type Fixes = readonly (readonly [answer: string, fix: string])[]

const consumed = [
  '500',
  'something reads the body before the router: mount it before express.json(), or use express.json({ verify: keepRawBody })',
] as const
const tooMany = ['429', 'the router has refused too many calls in the last minute: wait, and run this again'] as const

const tokenFixes: Fixes = [
  [
    '4017300 Unauthorized. Unknown Client',
    'the running app has another clientId than these options: restart it with them',
  ],
  consumed,
  tooMany,
]

const notificationFixes: Fixes = [
  [
    '4015601',
    'the running app has another secretKey or clientId than these options, or another clock: restart it with them',
  ],
  [
    '4015600 Unauthorized. Signature',
    'the running app has another path in its publicUrl than these options: DOKU would be refused as well; make it the address in DOKU’s dashboard',
  ],
  consumed,
  tooMany,
]

function judge(reply: Reply | string, code: string, message: string, fixes: Fixes): Omit<Finding, 'check'> {
  if (typeof reply === 'string') return { status: 'failed', says: reply, fix: notStarted }
  const answer = `${reply.body.responseCode} ${reply.body.responseMessage}`
  if (answer === `${code} ${message}`)
    return { status: 'ok', says: `reached, and it refuses what it has to refuse: ${answer}` }
  if (typeof reply.body.responseCode !== 'string') {
    const fix = 'the path does not lead to the router, or something in front answers in its place: let POST through'
    return { status: 'failed', says: `it answers ${reply.status}, and not as the router does`, fix }
  }
  const fix =
    fixes.find(([beginning]) => answer.startsWith(beginning))?.[1] ??
    'run `express-doku-ovo verify` on a notification that was refused'
  return { status: 'failed', says: `it answers ${reply.status} ${answer}`, fix }
}

/** Text: why there is no answer. */
async function call(
  url: string,
  request: { method?: string; body?: string; headers?: Record<string, string> },
): Promise<Reply | string> {
  const { method = 'POST', body, headers } = request
  try {
    const answer = await fetch(url, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(patienceMs),
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
