import { KeyObject } from 'node:crypto'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { type Api, apis, type Endpoints } from '../doku/api.ts'
import type { KeyInput } from '../doku/keys.ts'
import type { TlsFloor } from '../doku/transport.ts'
import type { FindOrder } from '../flows/payment.ts'
import { type Clock, type Sleep, systemClock, systemSleep } from '../primitives/clock.ts'
import { type RandomBytes, systemRandomBytes } from '../primitives/ids.ts'
import type { AuthorizeRefund, Identify } from '../routes/middleware/identify.ts'
import type { RateLimitOptions } from '../routes/middleware/rate-limit.ts'
import { limitedRoutes, routeNames } from '../routes/table.ts'
import { isKeyv, type KeyvLike } from '../storage/keyv/keyv.ts'
import type { Storage } from '../storage/storage.ts'
import { type Logger, silentLogger } from '../telemetry.ts'
import { oneOrMore } from './rotation.ts'

/** What the options about who is let in, and how, look like. */

const notOrigin = 'has to be an origin, scheme, host and port only: https://shop.example'

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text.toLowerCase()
}

const allowedOrigins = z
  .array(
    z
      .string()
      .refine(isOrigin, notOrigin)
      .transform((origin) => origin.toLowerCase()),
  )
  .default([])

const limit = z.strictObject({ limit: z.int().min(1), windowMs: z.int().min(1000).max(86_400_000) })

const limits = z.strictObject(
  Object.fromEntries(limitedRoutes.map((name) => [name, z.union([limit, z.literal(false)]).optional()])),
)

/** What is inside is not told apart: a union has one message. */
const rateLimit = z
  .union(
    [
      z.literal(false),
      z.strictObject({
        store: z
          .custom<RateLimitOptions['store']>((value) => value === undefined || typeof value === 'function')
          .optional(),
        limits: z.custom<RateLimitOptions['limits']>((value) => limits.safeParse(value).success).optional(),
      }),
    ],
    'has to be false, or { store?: (routeName) => Store, limits?: { pay: { limit: 20, windowMs: 60000 }, return: false } }',
  )
  .default({})

const tls = z.enum(['1.2', '1.3']).default('1.2') satisfies z.ZodType<TlsFloor>

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

export const isStorage = (value: unknown): value is Storage =>
  storageMethods.every((name) => typeof (value as Record<string, unknown> | null)?.[name] === 'function')

const webUrl = z.url({ protocol: /^https?$/, ...wording('has to be an absolute http(s) URL') })

const bareUrl = webUrl.refine((url) => !/[?#]/.test(url), 'has to be without ? and #')

const loopback = /^http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(\/|$)/

const baseUrl = bareUrl
  .refine((url) => url.startsWith('https:') || loopback.test(url), 'has to be https; http is for loopback only')
  .refine((url) => new URL(url).pathname === '/', 'has to be without a path: paths are signed')

const isKeyInput = (value: unknown) =>
  typeof value === 'string' || value instanceof Uint8Array || value instanceof KeyObject

const noKey = 'has to be a key: PEM text, Base64 DER, bytes, or a KeyObject'

export const keyInput = z.custom<KeyInput>(isKeyInput, wording(noKey))

const keyProblem = (value: unknown) => (isKeyInput(value) ? undefined : value === undefined ? 'is missing' : noKey)

function secretProblem(value: unknown): string | undefined {
  if (value === undefined) return 'is missing'
  if (typeof value !== 'string') return 'has to be text'
  return value === '' ? 'is empty' : undefined
}

const endpointOverride = z
  .strictObject({
    path: z.string().regex(/^\/[^\s]*$/, 'has to begin with /'),
    serviceCode: z.string().regex(/^\d{2}$/, 'has to be two digits'),
    extraBody: z.record(z.string(), z.json()),
    extraHeaders: z.record(z.string(), z.string()),
    deadlineMs: z.int().min(1).max(120_000),
    customerToken: z.boolean(),
    customerTokenAs: z.enum(['bearer', 'bare'], "has to be 'bearer' or 'bare'"),
    deviceRequired: z.boolean(),
    paymentType: z.boolean(),
    movesMoney: z.boolean(),
  })
  .partial()

export const operations = Object.keys(apis['ovo-v1.0']) as (keyof Endpoints)[]

export const hookNames = [
  'paymentChanged',
  'bindingChanged',
  'refundChanged',
  'orderPaidTwice',
  'notificationRejected',
  'notificationUnmatched',
] as const

const each = <K extends string, T extends z.ZodType>(names: readonly K[], schema: T) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, schema])) as Record<K, T>).partial()

const secondMs = 1000

const hourMs = 3600 * secondMs

/** Half a minute for a restart, then long enough for somebody to be called out of bed. */
const hookRetriesMs = [1, 5, 30, 120, 600].map((seconds) => seconds * secondMs).concat([hourMs, 3 * hourMs, 6 * hourMs])

/** The options as a host without types can write them. */
export const optionsSchema = z.strictObject({
  clientId: z.string().regex(/^[\x21-\x7e]{1,64}$/, 'has to be 1 to 64 characters without blanks'),
  secretKey: oneOrMore<string>(secretProblem),
  privateKey: keyInput,
  privateKeyPassphrase: z.string().optional(),
  dokuPublicKey: oneOrMore<KeyInput>(keyProblem),
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
  authorizeRefund: aFunction<AuthorizeRefund>().optional(),
  hooks: each(hookNames, aFunction<(event: never) => unknown>()).default({}),
  hookDeadlineMs: z.int().min(1).max(300_000).default(5000),
  hookRetriesMs: z.array(z.int().min(0)).max(50).default(hookRetriesMs),
  reconcileEveryMs: z
    .union([z.int().min(10), z.literal(false)], wording('has to be milliseconds, or false'))
    .default(10_000),
  requireCluster: z.boolean().default(false),
  returnUrls: z.strictObject({ binding: webUrl.optional(), payment: webUrl.optional() }).default({}),
  encryptionKeys: z
    .array(z.string().min(16, 'has to be at least 16 characters'))
    .min(1, 'is an empty list; give at least one')
    .refine((keys) => new Set(keys).size === keys.length, 'one is there twice')
    .optional(),
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
  allowedOrigins,
  rateLimit,
  routes: each(routeNames, z.boolean()).default({}),
  // From a function: zod copies an object, and whoever is silent is known by being this very one.
  logger: anObject<Logger>(['debug', 'info', 'warn', 'error'], 'has to have debug, info, warn and error').default(
    () => silentLogger,
  ),
  clock: aFunction<Clock>().default(() => systemClock),
  sleep: aFunction<Sleep>().default(() => systemSleep),
  randomBytes: aFunction<RandomBytes>().default(() => systemRandomBytes),
  tls,
  dispatcher: anObject<Dispatcher>(['dispatch'], 'has to be an undici dispatcher').optional(),
})
