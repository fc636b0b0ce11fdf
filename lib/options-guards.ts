import { z } from 'zod'
import type { TlsFloor } from './doku/tls.ts'
import { limitedRoutes } from './routes/limits.ts'
import type { RateLimitOptions } from './routes/middleware/rate-limit.ts'

/** What the options about who is let in, and how, look like. */

const notOrigin = 'has to be an origin, scheme, host and port only: https://shop.example'

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text.toLowerCase()
}

export const allowedOrigins = z
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
export const rateLimit = z
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

export const tls = z.enum(['1.2', '1.3']).default('1.2') satisfies z.ZodType<TlsFloor>
