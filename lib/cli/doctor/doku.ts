import { DokuClient, DokuError } from '../../doku/client.ts'
import { createTransport, type Transport, TransportError } from '../../doku/transport.ts'
import type { Settings } from '../../options/options.ts'
import type { Finding } from '../command.ts'

/** The largest token answer that is read, in bytes. Real ones are much smaller. */
const maxAnswerBytes = 65_536

/** Fetches one access token, and compares the clocks of both sides. */
export async function checkDoku(settings: Settings): Promise<Finding[]> {
  const { baseUrl, tls, dispatcher, clock } = settings
  const connection = createTransport({ baseUrl, maxAnswerBytes, tls, ...(dispatcher && { dispatcher }) })
  const watch = new ClockReading(clock)
  const client = new DokuClient({ ...settings, transport: watch.over(connection) })
  const started = clock()
  try {
    const { expiresAt } = await client.fetchAccessToken()
    const says = `DOKU at ${baseUrl} gave an access token in ${clock() - started} ms, good for ${Math.round((expiresAt - clock()) / 1000)} s`
    return [{ check: 'token', status: 'ok', says }, watch.finding()]
  } catch (error) {
    return [tokenProblem(error, settings), watch.finding()]
  } finally {
    await connection.close()
  }
}

function tokenProblem(error: unknown, { baseUrl, environment }: Settings): Finding {
  const check = 'token'
  if (error instanceof DokuError) {
    const says = `DOKU gave no access token: HTTP ${error.httpStatus} ${error.responseCode ?? ''} ${error.responseMessage}`
    return { check, status: 'failed', says, fix: fixOf(error, environment) }
  }
  if (!(error instanceof TransportError)) throw error
  const reason =
    error.cause instanceof Error ? ` (${(error.cause as NodeJS.ErrnoException).code ?? error.cause.message})` : ''
  const fix = 'check DNS, firewall and proxy of this machine; behind a proxy, set the option dispatcher'
  return { check, status: 'failed', says: `${baseUrl}: ${error.message}${reason}`, fix }
}

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#3-errors */
function fixOf({ responseMessage }: DokuError, environment: Settings['environment']): string {
  if (/unknown client/i.test(responseMessage)) {
    return `is clientId the Client ID of ${environment}'s dashboard (Settings › API Keys)? DOKU gives the same answer when the clock is wrong`
  }
  if (/signature/i.test(responseMessage)) {
    return 'paste the public half of privateKey into Settings › API Keys › SNAP › Merchant Public Key, of this environment’s dashboard; compare the fingerprints'
  }
  return 'ask DOKU’s support; send this answer and the output of `express-doku-ovo sign --asymmetric`'
}

/** DOKU refuses a timestamp that is too far away, but does not say how far. */
const warnMs = 60_000
const failMs = 300_000

class ClockReading {
  readonly #clock: Settings['clock']
  #offMs: number | undefined

  constructor(clock: Settings['clock']) {
    this.#clock = clock
  }

  over(transport: Transport): Transport {
    return {
      close: () => transport.close(),
      post: async (request) => {
        const before = this.#clock()
        const answer = await transport.post(request)
        const { date } = answer.headers
        const theirs = typeof date === 'string' ? Date.parse(date) : Number.NaN
        // DOKU read its clock between the two moments, and rounded it down to a second.
        if (!Number.isNaN(theirs)) this.#offMs = Math.round((before + this.#clock()) / 2 - theirs - 500)
        return answer
      },
    }
  }

  finding(): Finding {
    const check = 'clock'
    if (this.#offMs === undefined) return { check, status: 'skipped', says: 'DOKU’s answer has no Date header' }
    const seconds = Math.round(Math.abs(this.#offMs) / 1000)
    const says = seconds <= 1 ? 'as DOKU’s' : `${seconds} s ${this.#offMs > 0 ? 'ahead of' : 'behind'} DOKU’s`
    const off = Math.abs(this.#offMs)
    if (off <= warnMs) return { check, status: 'ok', says }
    return { check, status: off > failMs ? 'failed' : 'warning', says, fix: 'synchronise this machine’s clock (NTP)' }
  }
}
