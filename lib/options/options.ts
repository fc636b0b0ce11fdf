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

/** How DOKU's notifications are judged. */
export interface WebhookOptions {
  /** How far a notification's `X-TIMESTAMP` may lie from our clock, each way, in ms. Default: 5 minutes. */
  windowMs?: number
  /** The same for DOKU's token request. Default: 10 minutes. */
  tokenWindowMs?: number
  /** Whether a notification has to carry a token that we issued. Default: true (protocol.md C-11). */
  requireBearer?: boolean
  /** Which tokens DOKU may have signed with. Default: `['bearer']`, the one in the notification's header (C-9). */
  signedWith?: readonly SignedWith[]
}

/** What `dokuOvo()` takes. */
export interface DokuOvoOptions {
  /** DOKU dashboard: Settings > API Keys > Client ID, for example `BRN-0239-1736742088036`. */
  clientId: string
  /**
   * The same page: Secret Key. While it is being replaced: the new one first, then the old one. The first signs what
   * we send, all are accepted in what DOKU sends.
   */
  secretKey: OneOrMore<string>
  /** The merchant's own RSA key: PEM (also with `\n` from an environment variable), Base64 DER, or a KeyObject. */
  privateKey: KeyInput
  /** Opens an encrypted `privateKey`. */
  privateKeyPassphrase?: string
  /** The same page: DOKU Public Key; a list while DOKU replaces it. */
  dokuPublicKey: OneOrMore<KeyInput>
  /** Which DOKU to talk to; `{ baseUrl }` for a simulator. */
  environment: 'sandbox' | 'production' | { baseUrl: string }
  /** Which generation of DOKU's paths. Default: `'ovo-v1.0'`. */
  api?: Api
  /** Overrides of single rows of the api's table. */
  endpoints?: EndpointOverrides
  /** Where the world reaches this router, for example `https://shop.example/ovo`; signatures are computed over its path. */
  publicUrl: string
  /** A Storage, or a Keyv. Default: memory, which a restart empties. */
  storage?: Storage | KeyvLike
  /** Who is paying; nobody is answered with 401. */
  identify: Identify
  /** What an order costs: the browser never says. */
  findOrder: FindOrder
  /** Whether a request may give money back: staff of the shop, from the host's own session. Without it nobody may. */
  authorizeRefund?: AuthorizeRefund
  /** Told what happened. */
  hooks?: Hooks
  /** How long a hook may take before it counts as failed, in ms. Default: 5000. */
  hookDeadlineMs?: number
  /** The pauses before a failed hook is tried again, in ms; after the last one its event is parked. Default: 1 s to 6 h, in eight steps. */
  hookRetriesMs?: readonly number[]
  /** How often this process looks for what is unfinished, in ms; `false`: never, `service.reconcile()` does. Default: 10000. */
  reconcileEveryMs?: number | false
  /** Refuse a storage whose atomicity ends with this process. Default: false. */
  requireCluster?: boolean
  /** Pages of the host to which the browser goes when it comes back from OVO. Default: a small page of our own. */
  returnUrls?: { binding?: string; payment?: string }
  /** Encrypt what is secret at rest: the first encrypts, all decrypt. At least 16 characters each. Default: made from each secret key. */
  encryptionKeys?: readonly string[]
  webhooks?: WebhookOptions
  /** Origins whose pages may act for a signed-in customer, besides `publicUrl`'s own: `['https://www.shop.example']`. Default: none. */
  allowedOrigins?: readonly string[]
  /** How often the routes may be called; `false`: as often as anybody likes. Default: strict, counted in memory. */
  rateLimit?: RateLimitOptions | false
  /** Routes that are not to be mounted: `{ balance: false }`. */
  routes?: { readonly [name in RouteName]?: boolean }
  /** Pino, or anything with its four methods. Default: silence. */
  logger?: Logger
  /** Milliseconds since the epoch; for tests. */
  clock?: Clock
  /** For tests. */
  sleep?: Sleep
  /**
   * What ids are made from, so that a test can expect them; for tests only, and refused in production, where two ids that
   * are alike would be one payment. Default: the machine's secure source.
   */
  randomBytes?: RandomBytes
  /** The oldest TLS that is spoken with DOKU. Certificates are checked whatever the environment says. Default: `'1.2'`. */
  tls?: TlsFloor
  /** The undici dispatcher for calls to DOKU, for hosts behind a proxy. Default: a pool of its own. */
  dispatcher?: Dispatcher
}

/** The options, checked, completed and frozen. */
export interface Settings {
  readonly clientId: string
  /** The newest of `secretKeys`: signs what we send. */
  readonly secretKey: string
  readonly secretKeys: NewestFirst<string>
  readonly privateKey: KeyObject
  readonly dokuPublicKeys: readonly KeyObject[]
  readonly environment: 'sandbox' | 'production' | 'custom'
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
  readonly clock: Clock
  readonly sleep: Sleep
  readonly randomBytes: RandomBytes
  readonly tls: TlsFloor
  readonly dispatcher: Dispatcher | undefined
}
