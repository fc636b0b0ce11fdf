import { createHmac, hkdfSync, randomUUID } from 'node:crypto'
import { jwtVerify } from 'jose/jwt/verify'
import { BoundedMap } from '../primitives/bounded-map.ts'
import type { Clock } from '../primitives/clock.ts'

const algorithm = 'HS256'
const audience = 'doku-notification'
const rememberedAtMost = 1000

const header = base64url({ alg: algorithm, typ: 'JWT' })

/**
 * The access tokens that we issue to DOKU: JWTs, so that every process of the merchant can check one without storage.
 * The keys are derived from the secret keys, which all of them have. @see protocol.md §7.1: the format is ours to choose
 */
export class InboundTokens {
  /** How long a token lasts, in seconds: what SNAP's documents say everywhere. */
  static readonly lifeSeconds = 900
  readonly #clientId: string
  /** One per secret key, the newest first. */
  readonly #keys: readonly [Uint8Array, ...Uint8Array[]]
  readonly #clock: Clock
  /** Tokens that were verified, until they expire: verifying costs 60 us, remembering next to nothing. */
  readonly #verified = new BoundedMap<number>(rememberedAtMost)

  constructor(clientId: string, [newest, ...older]: readonly [string, ...string[]], clock: Clock) {
    this.#clientId = clientId
    const derive = (secretKey: string) =>
      new Uint8Array(hkdfSync('sha256', secretKey, clientId, 'express-doku-ovo inbound token', 32))
    this.#keys = [derive(newest), ...older.map(derive)]
    this.#clock = clock
  }

  /** By hand, because a signature of Web Crypto is a round trip to another thread: it would double what the route costs. */
  issue(): string {
    const iat = Math.floor(this.#clock() / 1000)
    const exp = iat + InboundTokens.lifeSeconds
    const claims = base64url({ iss: this.#clientId, aud: audience, jti: randomUUID(), iat, exp })
    const signature = createHmac('sha256', this.#keys[0]).update(`${header}.${claims}`).digest('base64url')
    return `${header}.${claims}.${signature}`
  }

  /** Whether this merchant issued the token and it has not expired. */
  async verify(token: string): Promise<boolean> {
    const now = this.#clock()
    const remembered = this.#verified.get(token)
    if (remembered !== undefined) return now < remembered
    const expiresAt = isCanonical(token) ? await this.#findExpiry(token, now) : undefined
    if (expiresAt === undefined) return false
    this.#verified.set(token, expiresAt)
    return true
  }

  async #findExpiry(token: string, now: number): Promise<number | undefined> {
    for (const key of this.#keys) {
      const expiresAt = await this.#readExpiry(token, key, now)
      if (expiresAt !== undefined) return expiresAt
    }
    return undefined
  }

  async #readExpiry(token: string, key: Uint8Array, now: number): Promise<number | undefined> {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [algorithm],
        typ: 'JWT',
        issuer: this.#clientId,
        audience,
        requiredClaims: ['exp', 'iat', 'jti'],
        currentDate: new Date(now),
      })
      // `requiredClaims` has seen to it that there is one.
      return Number(payload.exp) * 1000
    } catch {
      return undefined
    }
  }
}

function base64url(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

/** Base64url leaves spare bits at the end of a part, so two texts can mean one token: only the one we wrote is taken. */
function isCanonical(token: string): boolean {
  return token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
}
