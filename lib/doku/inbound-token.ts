import { createHmac, hkdfSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { jwtVerify } from 'jose/jwt/verify'
import { BoundedMap } from '../primitives/bounded-map.ts'
import type { Clock } from '../primitives/clock.ts'

const algorithm = 'HS256'
const audience = 'doku-notification'

/** The most verified tokens that stay in memory. */
const rememberedAtMost = 1000

const header = base64url({ alg: algorithm, typ: 'JWT' })

/**
 * The access tokens that we issue to DOKU. They are JWTs, so every process of the merchant can verify one without the
 * storage: its key is derived from the merchant's private key, which all processes have. DOKU knows the secret key too,
 * and signs notifications with it. So that key alone must not make a token. SNAP leaves the format to the issuer.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-1
 */
export class InboundTokens {
  /** The life of a token, in seconds. SNAP's documents name it everywhere. */
  static readonly lifeSeconds = 900
  readonly #clientId: string
  readonly #privateKeys: readonly [KeyObject, ...KeyObject[]]
  /** One per private key, the newest first. Derived at the first use: signing with RSA takes 250 us. */
  #derived: readonly [Uint8Array, ...Uint8Array[]] | undefined
  readonly #clock: Clock
  /** Verified tokens with their end in ms since the epoch, because verifying one costs 60 us. */
  readonly #verified = new BoundedMap<number>(rememberedAtMost)

  /** @param privateKeys the first one issues; tokens of every one are accepted */
  constructor(clientId: string, privateKeys: readonly [KeyObject, ...KeyObject[]], clock: Clock) {
    this.#clientId = clientId
    this.#privateKeys = privateKeys
    this.#clock = clock
  }

  get #keys(): readonly [Uint8Array, ...Uint8Array[]] {
    const [newest, ...older] = this.#privateKeys
    const derive = (key: KeyObject) => deriveKey(key, this.#clientId)
    this.#derived ??= [derive(newest), ...older.map(derive)]
    return this.#derived
  }

  /** Signs without jose: Web Crypto signs in another thread, and that round trip would double the cost of the route. */
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
      // `requiredClaims` refuses a token without `exp`.
      return Number(payload.exp) * 1000
    } catch {
      return undefined
    }
  }
}

/**
 * Signing a constant gives the same bytes in every process, and only with the private key (PKCS#1 v1.5 is
 * deterministic). The constant has a line end and no `|`, so it can never be the `clientId|time` that we sign for DOKU.
 */
function deriveKey(privateKey: KeyObject, clientId: string): Uint8Array {
  const secret = sign('sha256', Buffer.from(signedConstant), privateKey)
  return new Uint8Array(hkdfSync('sha256', secret, clientId, 'express-doku-ovo inbound token', 32))
}

const signedConstant = 'express-doku-ovo\nkey of inbound tokens v1'

function base64url(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

/** Base64url has spare bits at the end of a part, so several texts can mean one token. Only the text that we wrote counts. */
function isCanonical(token: string): boolean {
  return token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
}
