import type { KeyObject } from 'node:crypto'
import type { Dispatcher } from 'undici'
import type { Api, EndpointOverrides, Endpoints } from '../doku/api.ts'
import type { SignedWith } from '../doku/inbound.ts'
import type { KeyInput } from '../doku/keys.ts'
import type { TlsFloor } from '../doku/transport.ts'
import type { FindOrder } from '../flows/payment.ts'
import type { Hooks } from '../model/events.ts'
import type { Clock, Sleep } from '../primitives/clock.ts'
import type { RandomBytes } from '../primitives/ids.ts'
import type { AuthorizeRefund, Identify } from '../routes/middleware/identify.ts'
import type { RateLimitOptions } from '../routes/middleware/rate-limit.ts'
import type { RouteName } from '../routes/table.ts'
import type { KeyvLike } from '../storage/keyv/keyv.ts'
import type { Storage } from '../storage/storage.ts'
import type { Logger } from '../telemetry.ts'
import type { NewestFirst, OneOrMore } from './rotation.ts'

/**
 * How the router checks DOKU's webhooks.
 * @example
 * ```ts
 * import { dokuOvo } from 'express-doku-ovo'
 *
 * const ovo = dokuOvo({ ...options, webhooks: { signedWith: ['bearer', 'doku-token'], windowMs: 10 * 60_000 } })
 * ```
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7
 */
export interface WebhookOptions {
  /**
   * How far a notification's `X-TIMESTAMP` may lie from our clock, each way, in ms. A genuine notification outside it
   * changes nothing by itself: the router asks DOKU. At least 1000. Default: 300000, 5 minutes.
   */
  windowMs?: number
  /** The same for DOKU's token request, which is refused outside it. In ms, at least 1000. Default: 600000, 10 minutes. */
  tokenWindowMs?: number
  /**
   * Whether a notification must carry a token that this router issued. Default: true.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-11
   */
  requireBearer?: boolean
  /**
   * The access tokens that DOKU may have signed with. `'bearer'` is the one in the notification's header.
   * Default: `['bearer']`.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-9
   */
  signedWith?: readonly SignedWith[]
}

/** The options of `dokuOvo()`. They are read once, checked as a whole, and frozen. */
export interface DokuOvoOptions {
  /** DOKU dashboard, Settings > API Keys: Client ID, for example `BRN-0239-1736742088036`. */
  clientId: string
  /**
   * DOKU dashboard, Settings > API Keys: Secret Key. While you replace it, give `[newSecret, oldSecret]`: the first
   * signs our requests, and DOKU may use any of them.
   */
  secretKey: OneOrMore<string>
  /**
   * Your own RSA key of 2048 bits: PEM (also with `\n` from an environment variable), Base64 DER, bytes, or a KeyObject.
   * While you replace it, give a list: the first one signs, and DOKU may still use tokens of the others.
   */
  privateKey: OneOrMore<KeyInput>
  /** Opens each encrypted `privateKey`. */
  privateKeyPassphrase?: string
  /** DOKU dashboard, Settings > API Keys: DOKU Public Key. It is not your own. Give a list while DOKU replaces it. */
  dokuPublicKey: OneOrMore<KeyInput>
  /** The DOKU that the router calls. `{ baseUrl }` is for a simulator: https, or http on loopback, without a path. */
  environment: 'sandbox' | 'production' | { baseUrl: string }
  /** The generation of DOKU's paths. Default: `'ovo-v1.0'`. */
  api?: Api
  /** Overrides fields of single operations: `{ payment: { deadlineMs: 60_000 } }`. Default: the api's table, see `apis`. */
  endpoints?: EndpointOverrides
  /**
   * The router's address as the world sees it, for example `https://shop.example/ovo`. Signatures cover its path, so
   * mount the router at the same path, or let a proxy change it.
   */
  publicUrl: string
  /** A Storage or a Keyv: `redisStorage(client)`, `postgresStorage(pool)`, `new Keyv()`. Default: memory, which a restart empties. */
  storage?: Storage | KeyvLike
  /** Returns the signed-in customer: `(req) => req.user && { id: req.user.id }`. If it returns nothing, the route answers 401. */
  identify: Identify
  /**
   * Returns what an order costs, because the browser never says: `(orderId) => ({ amount: '10000.00' })`. If it returns
   * nothing, the route answers 404.
   */
  findOrder: FindOrder
  /** Returns whether the request comes from staff who may refund. Default: nobody may, and refunds get 403. */
  authorizeRefund?: AuthorizeRefund
  /** Your functions that hear about changes, at least once and in order. Default: none. */
  hooks?: Hooks
  /** How long a hook may take before it counts as failed, in ms: 1 to 300000. Default: 5000. */
  hookDeadlineMs?: number
  /** The pauses before each retry of a failed hook, in ms. After the last one its event is parked. Default: 1 s to 6 h, in eight steps. */
  hookRetriesMs?: readonly number[]
  /**
   * The pause between two searches for unfinished work by this process, in ms, at least 10. `false`: never, so call
   * `service.reconcile()` yourself. Default: 10000.
   */
  reconcileEveryMs?: number | false
  /** Refuses a storage that only one process can use safely. Default: false. */
  requireCluster?: boolean
  /**
   * Whether DOKU's signature is enough for a notification that calls a payment paid, or DOKU is asked before it is
   * believed: at once, after 1, 5, 15 and 30 minutes, then more rarely. Until DOKU answers, the order cannot be charged
   * again. Default: `'signature'`.
   */
  confirmPaid?: 'signature' | 'ask'
  /**
   * When `POST /payments` may replace an attempt that its customer started and left, in ms after it was created: if DOKU
   * has said twice, 15 minutes apart, that it still waits. Never one that is RECURRING. `false`: never. Default: 30 minutes.
   */
  releaseAfterMs?: number | false
  /** Your pages to which the browser goes after OVO's, as absolute URLs. Default: a small page of ours. */
  returnUrls?: { binding?: string; payment?: string }
  /**
   * Encrypt secrets in the storage, at least 16 characters each. The first encrypts, all decrypt. Default: one made from
   * each secret key.
   */
  encryptionKeys?: readonly string[]
  webhooks?: WebhookOptions
  /**
   * Origins, besides that of `publicUrl`, whose pages may act for a signed-in customer: `['https://www.shop.example']`.
   * Default: none.
   */
  allowedOrigins?: readonly string[]
  /** How often each route may be called. `false`: no limit. Default: strict limits, counted in memory. */
  rateLimit?: RateLimitOptions | false
  /** Routes to leave out: `{ balance: false }`. Default: all are mounted. */
  routes?: { readonly [name in RouteName]?: boolean }
  /** A pino logger, or anything with its `debug`, `info`, `warn` and `error`. Default: silence. */
  logger?: Logger
  /** Returns the time in ms since the epoch. For tests. Default: the machine's clock. */
  clock?: Clock
  /** Waits. For tests. Default: a timer. */
  sleep?: Sleep
  /**
   * Makes the bytes of ids, so that a test can expect them. It is refused in production, because two equal ids would be
   * one payment. Default: the machine's secure source.
   */
  randomBytes?: RandomBytes
  /** The oldest TLS version for calls to DOKU. Certificates are checked whatever the environment says. Default: `'1.2'`. */
  tls?: TlsFloor
  /** The undici dispatcher for calls to DOKU, for hosts behind a proxy. Its TLS settings are its own. Default: a pool. */
  dispatcher?: Dispatcher
}

/** The options, checked, completed and frozen. */
export interface Settings {
  readonly clientId: string
  /** The newest of `secretKeys`: signs our requests. */
  readonly secretKey: string
  readonly secretKeys: NewestFirst<string>
  /** The newest of `privateKeys`: signs our requests, and makes the tokens that DOKU needs. */
  readonly privateKey: KeyObject
  readonly privateKeys: NewestFirst<KeyObject>
  readonly dokuPublicKeys: readonly KeyObject[]
  readonly environment: 'sandbox' | 'production' | 'custom'
  /** Scheme, host and port of DOKU, or of the simulator in use. */
  readonly baseUrl: string
  readonly api: Api
  readonly endpoints: Endpoints
  /** Without a slash at its end. */
  readonly publicUrl: string
  readonly storage: Storage
  readonly identify: Identify
  readonly findOrder: FindOrder
  readonly authorizeRefund: AuthorizeRefund | undefined
  readonly hooks: Hooks
  readonly hookDeadlineMs: number
  readonly hookRetriesMs: readonly number[]
  readonly reconcileEveryMs: number | false
  readonly returnUrls: { readonly binding?: string | undefined; readonly payment?: string | undefined }
  readonly encryptionKeys: readonly string[]
  readonly webhooks: Required<WebhookOptions>
  readonly allowedOrigins: readonly string[]
  readonly rateLimit: RateLimitOptions | false
  readonly routes: { readonly [name in RouteName]?: boolean | undefined }
  readonly logger: Logger
  readonly confirmPaid: 'signature' | 'ask'
  readonly releaseAfterMs: number | false
  readonly clock: Clock
  readonly monotonic: Clock
  /** Names this process among those that share the storage. */
  readonly processId: string
  readonly sleep: Sleep
  readonly randomBytes: RandomBytes
  readonly tls: TlsFloor
  readonly dispatcher: Dispatcher | undefined
}
