import { createPublicKey, type KeyObject, KeyObject as KeyObjectClass } from 'node:crypto'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { type Api, apis, type EndpointOverrides, type Endpoints, resolveEndpoints } from './doku/api.ts'
import type { SignedWith } from './doku/inbound.ts'
import { type KeyInput, parsePrivateKey, parsePublicKey } from './doku/keys.ts'
import { sha256Hex } from './doku/signature.ts'
import { ConfigurationError } from './errors.ts'
import type { FindOrder } from './flows/payment.ts'
import type { Hooks } from './hooks.ts'
import { type Clock, type Sleep, systemClock, systemSleep } from './primitives/clock.ts'
import { closest } from './primitives/closest.ts'
import type { Identify } from './routes/middleware/identify.ts'
import { type RouteName, routeTable } from './routes/table.ts'
import { isKeyv, type KeyvLike, keyvStorage } from './storage/keyv.ts'
import { memoryStorage } from './storage/memory.ts'
import type { Storage } from './storage/storage.ts'
import { type Logger, silentLogger } from './telemetry.ts'

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
  /** The same page: Secret Key. */
  secretKey: string
  /** The merchant's own RSA key: PEM (also with `\n` from an environment variable), Base64 DER, or a KeyObject. */
  privateKey: KeyInput
  /** Opens an encrypted `privateKey`. */
  privateKeyPassphrase?: string
  /** The same page: DOKU Public Key. */
  dokuPublicKey: KeyInput
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
  /** Told what happened. */
  hooks?: Hooks
  /** Pages of the host to which the browser goes when it comes back from OVO. Default: a small page of our own. */
  returnUrls?: { binding?: string; payment?: string }
  /** Encrypt what is secret at rest: the first encrypts, all decrypt. At least 16 characters each. Default: made from the secret key. */
  encryptionKeys?: readonly string[]
  webhooks?: WebhookOptions
  /** Routes that are not to be mounted: `{ balance: false }`. */
  routes?: { readonly [name in RouteName]?: boolean }
  /** Pino, or anything with its four methods. Default: silence. */
  logger?: Logger
  /** Milliseconds since the epoch; for tests. */
  clock?: Clock
  /** For tests. */
  sleep?: Sleep
  /** The undici dispatcher for calls to DOKU, for hosts behind a proxy. Default: a pool of its own. */
  dispatcher?: Dispatcher
}

/** The options, checked, completed and frozen. */
export interface Settings {
  readonly clientId: string
  readonly secretKey: string
  readonly privateKey: KeyObject
  readonly dokuPublicKey: KeyObject
  readonly environment: 'sandbox' | 'production' | 'custom'
  readonly baseUrl: string
  readonly api: Api
  readonly endpoints: Endpoints
  /** Without a slash at its end. */
  readonly publicUrl: string
  readonly storage: Storage
  readonly identify: Identify
  readonly findOrder: FindOrder
  readonly hooks: Hooks
  readonly returnUrls: { readonly binding?: string | undefined; readonly payment?: string | undefined }
  readonly encryptionKeys: readonly string[]
  readonly webhooks: Required<WebhookOptions>
  readonly routes: { readonly [name in RouteName]?: boolean | undefined }
  readonly logger: Logger
  readonly clock: Clock
  readonly sleep: Sleep
  readonly dispatcher: Dispatcher | undefined
}

/** @see protocol.md §0 */
const baseUrls = { sandbox: 'https://api-sandbox.doku.com', production: 'https://api.doku.com' } as const

const fiveMinutesMs = 300_000

/** zod's own words for what is missing would not help: they name a type. */
const wording = (what: string) => ({
  error: (issue: { input?: unknown }) => (issue.input === undefined ? 'is missing' : what),
})

const aFunction = <T>() => z.custom<T>((value) => typeof value === 'function', wording('has to be a function'))
const anObject = <T>(methods: readonly string[], what: string) =>
  z.custom<T>(
    (value) => methods.every((name) => typeof (value as Record<string, unknown> | null)?.[name] === 'function'),
    what,
  )

const storageMethods = ['read', 'insert', 'update', 'remove', 'lease'] as const
const isStorage = (value: unknown): value is Storage =>
  storageMethods.every((name) => typeof (value as Record<string, unknown> | null)?.[name] === 'function')

const webUrl = z.url({ protocol: /^https?$/, ...wording('has to be an absolute http(s) URL') })
const bareUrl = webUrl.refine((url) => !/[?#]/.test(url), 'has to be without ? and #')
const loopback = /^http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(\/|$)/
const baseUrl = bareUrl
  .refine((url) => url.startsWith('https:') || loopback.test(url), 'has to be https; http is for loopback only')
  .refine((url) => new URL(url).pathname === '/', 'has to be without a path: paths are signed')

const keyInput = z.custom<KeyInput>(
  (value) => typeof value === 'string' || value instanceof Uint8Array || value instanceof KeyObjectClass,
  wording('has to be a key: PEM text, Base64 DER, bytes, or a KeyObject'),
)

const endpointOverride = z
  .strictObject({
    path: z.string().regex(/^\/[^\s]*$/, 'has to begin with /'),
    serviceCode: z.string().regex(/^\d{2}$/, 'has to be two digits'),
    extraBody: z.record(z.string(), z.json()),
    extraHeaders: z.record(z.string(), z.string()),
    deadlineMs: z.int().min(1).max(120_000),
    customerToken: z.boolean(),
    deviceRequired: z.boolean(),
    paymentType: z.boolean(),
    movesMoney: z.boolean(),
  })
  .partial()

const operations = Object.keys(apis['ovo-v1.0']) as (keyof Endpoints)[]
const routeNames = Object.keys(routeTable) as RouteName[]
const each = <K extends string, T extends z.ZodType>(names: readonly K[], schema: T) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, schema])) as Record<K, T>).partial()

const schema = z.strictObject({
  clientId: z.string().regex(/^[\x21-\x7e]{1,64}$/, 'has to be 1 to 64 characters without blanks'),
  secretKey: z.string().min(1, 'is empty'),
  privateKey: keyInput,
  privateKeyPassphrase: z.string().optional(),
  dokuPublicKey: keyInput,
  environment: z.union(
    [z.enum(['sandbox', 'production']), z.strictObject({ baseUrl })],
    wording("has to be 'sandbox', 'production' or { baseUrl: 'https://…' }"),
  ),
  api: z.enum(Object.keys(apis) as Api[]).default('ovo-v1.0'),
  endpoints: each(operations, endpointOverride).default({}),
  publicUrl: bareUrl.transform((url) => url.replace(/\/+$/, '')),
  storage: z
    .custom<Storage | KeyvLike>((value) => isStorage(value) || isKeyv(value), 'has to be a Storage or a Keyv')
    .optional(),
  identify: aFunction<Identify>(),
  findOrder: aFunction<FindOrder>(),
  hooks: each(
    ['paymentChanged', 'bindingChanged', 'notificationRejected', 'notificationUnmatched'] as const,
    aFunction<(event: never) => unknown>(),
  ).default({}),
  returnUrls: z.strictObject({ binding: webUrl.optional(), payment: webUrl.optional() }).default({}),
  encryptionKeys: z.array(z.string().min(16, 'has to be at least 16 characters')).min(1).optional(),
  webhooks: z
    .strictObject({
      windowMs: z.int().min(1000).default(fiveMinutesMs),
      tokenWindowMs: z
        .int()
        .min(1000)
        .default(2 * fiveMinutesMs),
      requireBearer: z.boolean().default(true),
      signedWith: z
        .array(z.enum(['bearer', 'empty', 'doku-token']))
        .min(1)
        .default(['bearer']),
    })
    .prefault({}),
  routes: each(routeNames, z.boolean()).default({}),
  logger: anObject<Logger>(['debug', 'info', 'warn', 'error'], 'has to have debug, info, warn and error').default(
    silentLogger,
  ),
  clock: aFunction<Clock>().default(() => systemClock),
  sleep: aFunction<Sleep>().default(() => systemSleep),
  dispatcher: anObject<Dispatcher>(['dispatch'], 'has to be an undici dispatcher').optional(),
})

/** Where an unknown key was met, and what was probably meant. */
function unknownKeys(path: readonly PropertyKey[], keys: readonly string[]): string[] {
  const known: Record<string, readonly string[]> = {
    '': Object.keys(schema.shape),
    endpoints: operations,
    routes: routeNames,
    hooks: ['paymentChanged', 'bindingChanged', 'notificationRejected', 'notificationUnmatched'],
  }
  return keys.map((key) => {
    const meant = closest(key, known[path.join('.')] ?? [])
    return `${[...path, key].join('.')}: there is no such option${meant ? `; did you mean ${meant}?` : ''}`
  })
}

function describe(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue.path, issue.keys)
  return [`${issue.path.map(String).join('.') || 'options'}: ${issue.message}`]
}

const missing = (issue: { input?: unknown }) => (issue.input === undefined ? 'is missing' : undefined)

/** Parses one key; what is wrong with it joins the list. */
function readKey(
  problems: string[],
  name: string,
  value: unknown,
  parse: (input: KeyInput) => KeyObject,
): KeyObject | undefined {
  if (!keyInput.safeParse(value).success) return undefined
  try {
    return parse(value as KeyInput)
  } catch (error) {
    problems.push(`${name}: ${(error as Error).message}`)
    return undefined
  }
}

function isOwnKey(privateKey: KeyObject, publicKey: KeyObject): boolean {
  return createPublicKey(privateKey).equals(publicKey)
}

/**
 * Checks and completes the options.
 * @throws ConfigurationError with every problem at once
 */
export function parseOptions(options: DokuOvoOptions): Settings {
  const given: Partial<DokuOvoOptions> = typeof options === 'object' && options !== null ? options : {}
  const result = schema.safeParse(options, { error: missing })
  const problems = result.success ? [] : result.error.issues.flatMap(describe)
  const privateKey = readKey(problems, 'privateKey', given.privateKey, (key) =>
    parsePrivateKey(key, given.privateKeyPassphrase),
  )
  const dokuPublicKey = readKey(problems, 'dokuPublicKey', given.dokuPublicKey, parsePublicKey)
  if (privateKey && dokuPublicKey && isOwnKey(privateKey, dokuPublicKey)) {
    problems.push("dokuPublicKey: this is the merchant's own public key; copy the DOKU Public Key from the dashboard")
  }
  if (!result.success || !privateKey || !dokuPublicKey || problems.length > 0) throw new ConfigurationError(problems)
  return Object.freeze(complete(result.data, privateKey, dokuPublicKey))
}

function complete(parsed: z.output<typeof schema>, privateKey: KeyObject, dokuPublicKey: KeyObject): Settings {
  const { environment, endpoints, encryptionKeys, secretKey, storage, dispatcher, clock } = parsed
  const custom = typeof environment === 'object'
  return {
    ...parsed,
    privateKey,
    dokuPublicKey,
    environment: custom ? 'custom' : environment,
    baseUrl: custom ? new URL(environment.baseUrl).origin : baseUrls[environment],
    endpoints: resolveEndpoints(parsed.api, endpoints as EndpointOverrides),
    storage: toStorage(storage, clock),
    hooks: parsed.hooks as Hooks,
    encryptionKeys: encryptionKeys ?? [sha256Hex(`express-doku-ovo vault ${secretKey}`)],
    dispatcher,
  }
}

function toStorage(storage: Storage | KeyvLike | undefined, clock: Clock): Storage {
  if (storage === undefined) return memoryStorage({ clock })
  return isStorage(storage) ? storage : keyvStorage(storage, { clock })
}
