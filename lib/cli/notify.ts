import { InboundTokens } from '../doku/inbound-token.ts'
import { systemClock } from '../primitives/clock.ts'
import { parseAmountValue } from '../primitives/money.ts'
import { redact } from '../redaction.ts'
import { type NotificationToSign, type SignedNotification, signNotification } from '../simulator/index.ts'
import {
  type Command,
  type ExitCode,
  FailedError,
  type Flags,
  type Io,
  requiredText,
  textOf,
  UsageError,
} from './command.ts'
import {
  type Given,
  givenFlags,
  privateKeysOf,
  readGiven,
  requireOption,
  secretKeysOf,
  variablesHelp,
} from './given.ts'
import { isThisMachine } from './io.ts'
import { simulatorKeyVariable } from './simulator.ts'

export const notify: Command = {
  name: 'notify',
  summary: 'sends a signed test notification to an app on this machine',
  flags: {
    url: { value: '<url>', says: 'the app’s notification route; default: publicUrl and /webhooks/notification' },
    reference: { value: '<partnerReferenceNo>', says: 'the payment of the notification' },
    amount: { value: '<amount>', says: 'the amount of the payment, for example 10000.00' },
    status: {
      value: '<status>',
      says: '00 to 07 for a payment, default 00 (paid); SUCCESS, PENDING or FAILED for a binding, default SUCCESS',
    },
    customer: {
      value: '<custIdMerchant>',
      says: 'notifies of this customer’s binding, with the authCode in DOKU_AUTH_CODE',
    },
    'allow-host': {
      value: '<host>',
      says: 'allows this host, although it is not this machine',
    },
    json: { says: 'prints one JSON object' },
    ...givenFlags,
  },
  details: `Like DOKU, the command first fetches a token at …/webhooks/token. It signs that request with ${simulatorKeyVariable}, the key
that plays DOKU. The app must have its public half as dokuPublicKey (\`simulator\` makes both). Without that variable, the
command makes the token itself from privateKey and clientId, as the app would, and does not test the app's Token URL. Exit code
1: the app did not answer 2xx.
${variablesHelp}`,
  run: send,
}

async function send(io: Io, flags: Flags): Promise<ExitCode> {
  const given = await readGiven(io, flags)
  const url = urlOf(given, flags)
  await refuseOthers(url, textOf(flags, 'allow-host'))
  const { notification, isTokenFetched } = await makeNotification(given, flags, url)
  const { status, body } = await post(notification)
  const token = isTokenFetched ? 'fetched from the app' : 'made here, not fetched'
  if (flags.has('json')) io.out(JSON.stringify({ url: url.href, token, httpStatus: status, body }))
  else
    io.out(
      `POST ${url.href}\ntoken: ${token}\nsent: ${JSON.stringify(redact(JSON.parse(notification.body)))}\n\nThe app answers ${status}\n${body}${caution(status)}`,
    )
  return status >= 200 && status < 300 ? 0 : 1
}

/** The app acknowledges unknown payments too, because DOKU would retry them otherwise. */
function caution(status: number): string {
  return status === 200
    ? '\n(The app answers 200 to an unknown subject too. Then it calls the hook notificationUnmatched.)'
    : ''
}

function urlOf(given: Given, flags: Flags): URL {
  const url = textOf(flags, 'url') ?? `${requireOption(given, 'publicUrl').replace(/\/+$/, '')}/webhooks/notification`
  if (URL.canParse(url) && /^https?:/.test(url)) return new URL(url)
  throw new UsageError('--url must be like http://127.0.0.1:3000/ovo/webhooks/notification')
}

/** A valid signature changes an order, so a typing mistake must not send it to another machine. */
async function refuseOthers({ hostname }: URL, allowed: string | undefined): Promise<void> {
  if (hostname === allowed || (await isThisMachine(hostname))) return
  throw new UsageError(`${hostname} is not this machine; if the host is yours, add --allow-host ${hostname}`)
}

async function makeNotification(given: Given, flags: Flags, url: URL) {
  const subject = subjectOf(given, flags)
  const [secretKey] = secretKeysOf(given)
  const wanted = { clientId: requireOption(given, 'clientId'), secretKey, url: url.href, ...subject }
  const dokuPrivateKey = given.environment[simulatorKeyVariable]?.replaceAll('\\n', '\n')
  const tokenUrl = new URL(url.pathname.replace(/[^/]+$/, 'token'), url).href
  const accessToken = dokuPrivateKey ? { tokenUrl, dokuPrivateKey } : issueToken(given)
  try {
    const notification = await signNotification({ ...wanted, accessToken })
    return { notification, isTokenFetched: dokuPrivateKey !== undefined }
  } catch (error) {
    throw new FailedError(`no token from ${tokenUrl}: ${messageOf(error)}`)
  }
}

function issueToken(given: Given): string {
  return new InboundTokens(requireOption(given, 'clientId'), privateKeysOf(given), systemClock).issue()
}

function subjectOf(given: Given, flags: Flags): Pick<NotificationToSign, 'payment' | 'binding'> {
  const custIdMerchant = textOf(flags, 'customer')
  if (custIdMerchant === undefined) return { payment: paymentOf(flags) }
  if (flags.has('reference') || flags.has('amount'))
    throw new UsageError('give --reference and --amount, or --customer')
  const authCode = given.environment.DOKU_AUTH_CODE
  if (!authCode) throw new UsageError('DOKU_AUTH_CODE is missing: the authCode that DOKU gave for the binding')
  const status = textOf(flags, 'status') ?? 'SUCCESS'
  if (status !== 'SUCCESS' && status !== 'PENDING' && status !== 'FAILED')
    throw new UsageError('--status must be SUCCESS, PENDING or FAILED')
  return { binding: { custIdMerchant, authCode, status } }
}

function paymentOf(flags: Flags): NonNullable<NotificationToSign['payment']> {
  const partnerReferenceNo = requiredText(flags, 'reference', '<partnerReferenceNo>')
  const amount = requiredText(flags, 'amount', '<amount>')
  if (parseAmountValue(amount) === undefined)
    throw new UsageError('--amount must be rupiah with two decimals, like 10000.00')
  const status = textOf(flags, 'status') ?? '00'
  if (!/^0[0-7]$/.test(status)) throw new UsageError('--status must be 00 to 07')
  return { partnerReferenceNo, amount, status }
}

/**
 * How long the command waits for the app, in ms. DOKU documents no limit of its own, and recommends 5 s.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-3
 */
const patienceMs = 10_000

async function post({ url, ...request }: SignedNotification): Promise<{ status: number; body: string }> {
  try {
    const answer = await fetch(url, { ...request, redirect: 'manual', signal: AbortSignal.timeout(patienceMs) })
    return { status: answer.status, body: await answer.text() }
  } catch (error) {
    throw new FailedError(`${url} cannot be reached: ${messageOf(error)}`)
  }
}

function messageOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message
}
