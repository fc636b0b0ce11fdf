import { DokuError } from '../../doku/client.ts'
import { singleFlight } from '../../primitives/single-flight.ts'
import { Records, type Versioned } from '../../records/records.ts'
import { absentOr, shapeOf, text, time } from '../../records/shape.ts'
import type { Ports } from '../ports.ts'

/** The stored record: the token, or a note that a process is fetching one. */
interface AccessTokenRecord {
  /** Sealed. Absent while the very first one is being fetched. */
  readonly token?: string
  readonly expiresAt?: number
  readonly refreshAt?: number
  /** Until then, one process has the right to fetch; the others wait for it. */
  readonly fetchingUntil?: number
}

const accessTokenShape = shapeOf<AccessTokenRecord>({
  token: absentOr(text),
  expiresAt: absentOr(time),
  refreshAt: absentOr(time),
  fetchingUntil: absentOr(time),
})

interface Held {
  readonly accessToken: string
  readonly expiresAt: number
  readonly refreshAt: number
}

/** After 80 % of its life a token is still used, while a new one is fetched in the background. */
const refreshAfter = 0.8

/** After the request's own deadline and this, the fetching process counts as dead, and another process may try. */
const graceMs = 5_000

/** How far the clocks of two processes may differ. */
const clockSkewMs = 60_000

const pollMs = 50

/** For so long DOKU's last access token proves that DOKU accepts our keys, in ms. */
const provenForMs = 60_000

/**
 * The merchant's access token (B2B): one for all requests and all processes, because a newer one may void the older.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-8
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#3
 */
export class AccessTokens {
  readonly #ports: Ports
  readonly #records: Records<AccessTokenRecord>
  readonly #flight = singleFlight<Held>()
  #held: Held | undefined
  /** When this process fetched an access token that became the shared one, by its monotonic clock. */
  #provenAt: number | undefined

  constructor(ports: Ports) {
    this.#ports = ports
    this.#records = new Records(ports.storage, { shape: accessTokenShape })
  }

  /** Returns a token that is valid now. At most one request for a token is in flight per merchant, over all processes. */
  async get(): Promise<string> {
    const now = this.#ports.clock()
    const held = this.#held
    if (held && now < held.refreshAt) return held.accessToken
    if (held && now < held.expiresAt) {
      this.#refreshInBackground(held)
      return held.accessToken
    }
    return (await this.#obtain()).accessToken
  }

  /**
   * Runs a request with the token, and once more with another one if DOKU refuses the token. That is no second payment:
   * DOKU refused the first request before it looked at the payment.
   */
  async use<T>(run: (accessToken: string) => Promise<T>): Promise<T> {
    const accessToken = await this.get()
    try {
      return await run(accessToken)
    } catch (error) {
      if (!(error instanceof DokuError && error.meaning === 'access-token-invalid')) throw error
      return run((await this.#obtain(accessToken)).accessToken)
    }
  }

  /**
   * Whether DOKU gave this process an access token within the last minute, and that became the shared one. Then a refusal
   * of a customer's authCode, which is signed with the same key, is about the customer.
   */
  isProven(): boolean {
    return this.#provenAt !== undefined && this.#ports.monotonic() < this.#provenAt + provenForMs
  }

  /** Fetches an access token for that proof, if there is none yet. Never rejects. @returns `isProven()` */
  async prove(): Promise<boolean> {
    if (this.isProven()) return true
    try {
      const claimed = await this.#claim(await this.#records.read(this.#ports.keys.accessToken))
      if (claimed) this.#held = await this.#fetch(claimed)
    } catch (error) {
      this.#ports.logger.warn({ err: error }, 'DOKU did not prove that it accepts the keys of the merchant')
    }
    return this.isProven()
  }

  #refreshInBackground(held: Held): void {
    this.#obtain(held.accessToken).catch((error) => {
      this.#ports.logger.warn({ err: error }, 'the access token could not be refreshed yet')
    })
  }

  /** Returns the shared token; a new one if the shared one is known to be refused or stale. */
  #obtain(refused?: string): Promise<Held> {
    return this.#flight(refused ?? '', async () => {
      this.#held = await this.#readOrFetch(refused)
      return this.#held
    })
  }

  async #readOrFetch(refused: string | undefined): Promise<Held> {
    for (;;) {
      const stored = await this.#records.read(this.#ports.keys.accessToken)
      const shared = stored && (await this.#open(stored.value))
      if (shared && shared.accessToken !== refused) return shared
      const claimed = await this.#claim(stored)
      if (claimed) return this.#fetch(claimed)
      await this.#ports.sleep(pollMs)
    }
  }

  async #open({ token, expiresAt = 0, refreshAt = 0 }: AccessTokenRecord): Promise<Held | undefined> {
    if (token === undefined || this.#ports.clock() >= expiresAt) return undefined
    try {
      return { accessToken: await this.#ports.vault.open(this.#ports.keys.accessToken, token), expiresAt, refreshAt }
    } catch (error) {
      // A new token costs one request, and takes nothing from anybody.
      this.#ports.logger.error({ err: error }, 'the shared access token does not open; another one is fetched')
      return undefined
    }
  }

  /** Wins the right to fetch by compare-and-set. @returns undefined while another process has it */
  async #claim(stored: Versioned<AccessTokenRecord> | undefined): Promise<Versioned<AccessTokenRecord> | undefined> {
    const now = this.#ports.clock()
    const fetchingUntil = now + this.#ports.endpoints.accessToken.deadlineMs + graceMs
    const until = stored?.value.fetchingUntil ?? 0
    // No claim of ours lasts that long, even if clocks differ. Nobody waits for such a claim.
    if (until > now && until <= fetchingUntil + clockSkewMs) return undefined
    const claim = { ...stored?.value, fetchingUntil }
    return this.#records.write(this.#ports.keys.accessToken, claim, stored?.version)
  }

  async #fetch(claimed: Versioned<AccessTokenRecord>): Promise<Held> {
    const { clock, doku, keys, vault } = this.#ports
    const now = clock()
    const { fetchingUntil: _, ...unclaimed } = claimed.value
    try {
      const { accessToken, expiresAt } = await doku.fetchAccessToken()
      const refreshAt = now + (expiresAt - now) * refreshAfter
      const token = await vault.seal(keys.accessToken, accessToken)
      const record = { token, expiresAt, refreshAt }
      const shared = await this.#records.write(keys.accessToken, record, claimed.version, expiresAt)
      if (shared) this.#provenAt = this.#ports.monotonic()
      return { accessToken, expiresAt, refreshAt }
    } catch (error) {
      await this.#records.write(keys.accessToken, unclaimed, claimed.version).catch(() => undefined)
      throw error
    }
  }
}
