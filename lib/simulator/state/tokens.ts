import type { Answer } from '../protocol/answers.ts'
import { signJwt } from '../protocol/signature.ts'
import { type Ids, jakartaDay } from '../protocol/values.ts'
import type { Settings } from '../settings.ts'
import type { Binding } from './bindings.ts'

interface Issued {
  readonly expiresAt: number
  readonly binding?: Binding
}

/** The issued tokens. The text of the token is the key. */
export interface TokenMemory {
  readonly accessTokens: Map<string, Issued>
  readonly customerTokens: Map<string, Issued>
  readonly refreshTokens: Map<string, Binding>
}

export function noTokens(): TokenMemory {
  return { accessTokens: new Map(), customerTokens: new Map(), refreshTokens: new Map() }
}

type TokenSettings = Pick<
  Settings,
  'clientId' | 'dokuPrivateKey' | 'clock' | 'accessTokenSeconds' | 'customerTokenSeconds' | 'onlyNewestAccessToken'
>

/** The tokens that DOKU has issued to the merchant: access tokens (B2B) and customer tokens (B2B2C). */
export class Tokens {
  readonly #memory: TokenMemory
  readonly #settings: TokenSettings
  readonly #ids: Ids

  constructor(memory: TokenMemory, settings: TokenSettings, ids: Ids) {
    this.#memory = memory
    this.#settings = settings
    this.#ids = ids
  }

  issueAccessToken(): string {
    if (this.#settings.onlyNewestAccessToken) this.#memory.accessTokens.clear()
    const expiresAt = this.#expiryIn(this.#settings.accessTokenSeconds)
    const token = this.#sign(expiresAt, {})
    this.#memory.accessTokens.set(token, { expiresAt })
    return token
  }

  issueCustomerToken(binding: Binding): { token: string; expiresAt: number; refreshToken: string } {
    const expiresAt = this.#expiryIn(this.#settings.customerTokenSeconds)
    const token = this.#sign(expiresAt, { accountId: binding.id })
    const refreshToken = this.#ids.digits(40)
    this.#memory.customerTokens.set(token, { expiresAt, binding })
    this.#memory.refreshTokens.set(refreshToken, binding)
    return { token, expiresAt, refreshToken }
  }

  /** The access token that was issued last. Empty when there is none. */
  get newestAccessToken(): string {
    return [...this.#memory.accessTokens.keys()].at(-1) ?? ''
  }

  /** Makes every issued access token invalid. */
  revokeAccessTokens(): void {
    this.#memory.accessTokens.clear()
  }

  isAccessToken(token: string): boolean {
    return this.#isAlive(this.#memory.accessTokens.get(token))
  }

  /** The binding of a customer token, while the token has not expired and the account is linked. */
  bindingOf(customerToken: string): Binding | undefined {
    const issued = this.#memory.customerTokens.get(customerToken)
    return this.#isAlive(issued) && issued?.binding?.status === 'linked' ? issued.binding : undefined
  }

  bindingOfRefreshToken(refreshToken: string): Binding | undefined {
    return this.#memory.refreshTokens.get(refreshToken)
  }

  #isAlive(issued: Issued | undefined): boolean {
    return issued !== undefined && this.#settings.clock() < issued.expiresAt
  }

  #expiryIn(seconds: number): number {
    return this.#settings.clock() + seconds * 1000
  }

  /** The random `jti` makes two tokens of the same second different. */
  #sign(expiresAt: number, claims: Readonly<Record<string, unknown>>): string {
    const { clientId, dokuPrivateKey } = this.#settings
    const exp = Math.floor(expiresAt / 1000)
    return signJwt({ exp, iss: 'DOKU', clientId, ...claims, jti: this.#ids.digits(16) }, dokuPrivateKey)
  }
}

interface Answered {
  /** Identifies a request: method, target and body. */
  readonly fingerprint: string
  readonly answer: Answer
}

/**
 * The X-EXTERNAL-IDs of the current day, with their answers.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#11
 */
export class ExternalIds {
  #day = ''
  readonly #answered = new Map<string, Answered>()

  /** The answer to this id today. @returns undefined if the id is new */
  find(externalId: string, now: number): Answered | undefined {
    this.#forgetOtherDays(now)
    return this.#answered.get(externalId)
  }

  remember(externalId: string, answered: Answered, now: number): void {
    this.#forgetOtherDays(now)
    this.#answered.set(externalId, answered)
  }

  #forgetOtherDays(now: number): void {
    const day = jakartaDay(now)
    if (day !== this.#day) this.#answered.clear()
    this.#day = day
  }
}
