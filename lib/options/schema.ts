import { KeyObject } from 'node:crypto'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { type Api, apis, type Endpoints } from '../doku/api.ts'
import type { KeyInput } from '../doku/keys.ts'
import type { TlsFloor } from '../doku/transport.ts'
import type { FindOrder } from '../flows/payment.ts'
import type { Hooks } from '../model/events.ts'
import { type Clock, type Sleep, systemClock, systemSleep } from '../primitives/clock.ts'
import { type RandomBytes, systemRandomBytes } from '../primitives/ids.ts'
import type { AuthorizeRefund, Identify } from '../routes/middleware/identify.ts'
import type { RateLimitOptions } from '../routes/middleware/rate-limit.ts'
import { limitedRoutes, routeNames } from '../routes/table.ts'
import { isKeyv, type KeyvLike } from '../storage/keyv/keyv.ts'
import type { Storage } from '../storage/storage.ts'
import { type Logger, silentLogger } from '../telemetry.ts'
import type { DokuOvoOptions } from './options.ts'
import { oneOrMore } from './rotation.ts'

// Kinds of values. The messages replace those of zod, which name a type and no way out.

const wording = (message: string) => ({
  error: (issue: { input?: unknown }) => (issue.input === undefined ? 'is missing' : message),
})

const aFunction = <T>() => z.custom<T>((value) => typeof value === 'function', wording('must be a function'))

const hasMethods = (value: unknown, names: readonly string[]) =>
  names.every((name) => typeof (value as Record<string, unknown> | null | undefined)?.[name] === 'function')

const anObject = <T>(methods: readonly string[], message: string) =>
  z.custom<T>((value) => hasMethods(value, methods), message)

/** Every name is optional, and no other name is allowed. */
const each = <K extends string, T extends z.ZodType>(names: readonly K[], schema: T) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, schema])) as Record<K, T>).partial()

// Secrets and keys.

const isKeyInput = (value: unknown) =>
  typeof value === 'string' || value instanceof Uint8Array || value instanceof KeyObject

const noKey = 'must be a key: PEM text, Base64 DER, bytes, or a KeyObject'

export const keyInput = z.custom<KeyInput>(isKeyInput, wording(noKey))

function keyProblem(value: unknown): string | undefined {
  if (value === undefined) return 'is missing'
  return isKeyInput(value) ? undefined : noKey
}

function secretProblem(value: unknown): string | undefined {
  if (value === undefined) return 'is missing'
  if (typeof value !== 'string') return 'must be text'
  return value === '' ? 'is empty' : undefined
}

const encryptionKeys = z
  .array(z.string().min(16, 'must be at least 16 characters'))
  .min(1, 'is an empty list; give at least one')
  .refine((keys) => new Set(keys).size === keys.length, 'one is there twice')

// Addresses.

const webUrl = z.url({ protocol: /^https?$/, ...wording('must be an absolute http(s) URL') })

const bareUrl = webUrl.refine((url) => !/[?#]/.test(url), 'must be without ? and #')

const loopback = /^http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(\/|$)/

const baseUrl = bareUrl
  .refine((url) => url.startsWith('https:') || loopback.test(url), 'must be https; http is for loopback only')
  .refine((url) => new URL(url).pathname === '/', 'must be without a path, because signatures cover paths')

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text.toLowerCase()
}

const origin = z
  .string()
  .refine(isOrigin, 'must be an origin, scheme, host and port only: https://shop.example')
  .transform((text) => text.toLowerCase())

// Options that are objects of their own.

export const operations = Object.keys(apis['ovo-v1.0']) as (keyof Endpoints)[]

const endpointOverride = z
  .strictObject({
    path: z.string().regex(/^\/[^\s]*$/, 'must begin with /'),
    serviceCode: z.string().regex(/^\d{2}$/, 'must be two digits'),
    extraBody: z.record(z.string(), z.json()),
    extraHeaders: z.record(z.string(), z.string()),
    deadlineMs: z.int().min(1).max(120_000),
    customerToken: z.boolean(),
    customerTokenAs: z.enum(['bearer', 'bare'], "must be 'bearer' or 'bare'"),
    deviceRequired: z.boolean(),
    paymentType: z.boolean(),
    movesMoney: z.boolean(),
  })
  .partial()

export const isStorage = (value: unknown): value is Storage =>
  hasMethods(value, ['read', 'insert', 'update', 'remove', 'lease'])

const storage = z.custom<Storage | KeyvLike>(
  (value) => isStorage(value) || isKeyv(value),
  'must be a Storage or a Keyv',
)

export const hookNames = Object.keys({
  paymentChanged: true,
  bindingChanged: true,
  refundChanged: true,
  orderPaidTwice: true,
  notificationRejected: true,
  notificationUnmatched: true,
} satisfies Record<keyof Hooks, true>) as (keyof Hooks)[]

const secondMs = 1000

const minuteMs = 60 * secondMs

const hourMs = 60 * minuteMs

/** The first pauses outlast a restart. The last ones leave time to call somebody out of bed. */
const hookRetriesMs = [1, 5, 30, 120, 600].map((seconds) => seconds * secondMs).concat([hourMs, 3 * hourMs, 6 * hourMs])

const webhooks = z.strictObject({
  windowMs: z
    .int()
    .min(secondMs)
    .default(5 * minuteMs),
  tokenWindowMs: z
    .int()
    .min(secondMs)
    .default(10 * minuteMs),
  requireBearer: z.boolean().default(true),
  signedWith: z
    .array(z.enum(['bearer', 'empty', 'doku-token']))
    .min(1)
    .default(['bearer']),
})

const limit = z.strictObject({
  limit: z.int().min(1),
  windowMs: z
    .int()
    .min(secondMs)
    .max(24 * hourMs),
})

const limits = each(limitedRoutes, z.union([limit, z.literal(false)]))

/** A union has one message for everything inside it. */
const rateLimit = z.union(
  [
    z.literal(false),
    z.strictObject({
      store: z
        .custom<RateLimitOptions['store']>((value) => value === undefined || typeof value === 'function')
        .optional(),
      limits: z.custom<RateLimitOptions['limits']>((value) => limits.safeParse(value).success).optional(),
    }),
  ],
  'must be false, or { store?: (routeName) => Store, limits?: { pay: { limit: 20, windowMs: 60000 }, return: false } }',
)

/** The options as a host without types can write them. */
export const optionsSchema = z.strictObject({
  clientId: z.string().regex(/^[\x21-\x7e]{1,64}$/, 'must be 1 to 64 characters without blanks'),
  secretKey: oneOrMore<string>(secretProblem),
  privateKey: oneOrMore<KeyInput>(keyProblem),
  privateKeyPassphrase: z.string().optional(),
  dokuPublicKey: oneOrMore<KeyInput>(keyProblem),
  environment: z.union(
    [z.enum(['sandbox', 'production']), z.strictObject({ baseUrl })],
    wording("must be 'sandbox', 'production' or { baseUrl: 'https://…' }"),
  ),
  api: z.enum(Object.keys(apis) as Api[]).default('ovo-v1.0'),
  endpoints: each(operations, endpointOverride).default({}),
  publicUrl: bareUrl.transform((url) => url.replace(/\/+$/, '')),
  storage: storage.optional(),
  identify: aFunction<Identify>(),
  findOrder: aFunction<FindOrder>(),
  authorizeRefund: aFunction<AuthorizeRefund>().optional(),
  hooks: each(hookNames, aFunction<(event: never) => unknown>()).default({}),
  hookDeadlineMs: z
    .int()
    .min(1)
    .max(5 * minuteMs)
    .default(5 * secondMs),
  hookRetriesMs: z.array(z.int().min(0)).max(50).default(hookRetriesMs),
  reconcileEveryMs: z
    .union([z.int().min(10), z.literal(false)], wording('must be milliseconds, or false'))
    .default(10 * secondMs),
  requireCluster: z.boolean().default(false),
  releaseAfterMs: z
    .union([z.int().min(15 * minuteMs), z.literal(false)], wording('must be at least 15 minutes in ms, or false'))
    .default(30 * minuteMs),
  confirmPaid: z.enum(['signature', 'ask']).default('signature'),
  returnUrls: z.strictObject({ binding: webUrl.optional(), payment: webUrl.optional() }).default({}),
  encryptionKeys: encryptionKeys.optional(),
  webhooks: webhooks.prefault({}),
  allowedOrigins: z.array(origin).default([]),
  rateLimit: rateLimit.default({}),
  routes: each(routeNames, z.boolean()).default({}),
  // A function, because zod copies an object, and `Warnings` recognises the silent logger by identity.
  logger: anObject<Logger>(['debug', 'info', 'warn', 'error'], 'must have debug, info, warn and error').default(
    () => silentLogger,
  ),
  clock: aFunction<Clock>().default(() => systemClock),
  sleep: aFunction<Sleep>().default(() => systemSleep),
  randomBytes: aFunction<RandomBytes>().default(() => systemRandomBytes),
  tls: z.enum(['1.2', '1.3']).default('1.2') satisfies z.ZodType<TlsFloor>,
  dispatcher: anObject<Dispatcher>(['dispatch'], 'must be an undici dispatcher').optional(),
} satisfies Record<keyof DokuOvoOptions, z.ZodType>)
