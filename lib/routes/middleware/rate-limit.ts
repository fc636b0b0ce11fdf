import type { Request, RequestHandler } from 'express'
import {
  type ClientRateLimitInfo,
  ipKeyGenerator,
  MemoryStore,
  type Options,
  rateLimit,
  type Store,
} from 'express-rate-limit'
import { ConfigurationError, ProblemError } from '../../errors.ts'
import { withDeadline } from '../../primitives/deadline.ts'
import type { Logger } from '../../telemetry.ts'
import type { Caller, Limit } from '../route.ts'
import { isLimited, type LimitedRoute, limitOf, type OwnLimits, type RouteName, routeTable } from '../table.ts'
import { customerIfAny, type Identities } from './identify.ts'
import { checkLater } from './problem.ts'

/** A store of express-rate-limit, or one made for it, for example `rate-limit-redis`. */
export type RateLimitStore = Store

/**
 * How often one customer may call each route. If nobody is signed in, the address counts.
 * @example
 * ```ts
 * import { createClient } from 'redis'
 * import { RedisStore } from 'rate-limit-redis'
 * import type { RateLimitOptions } from 'express-doku-ovo'
 *
 * const client = createClient()
 * const rateLimit: RateLimitOptions = {
 *   store: (name) => new RedisStore({ prefix: `ovo:${name}:`, sendCommand: (...args: string[]) => client.sendCommand(args) }),
 *   limits: { pay: { limit: 5, windowMs: 60_000 }, return: false },
 * }
 * ```
 */
export interface RateLimitOptions {
  /** Makes the store that counts a route's requests; each route needs its own. Default: the memory of this process. */
  readonly store?: ((routeName: LimitedRoute) => RateLimitStore) | undefined
  /** Limits in place of the defaults, by route. `false`: no limit. */
  readonly limits?: OwnLimits | undefined
}

export interface RateLimitParts {
  /** Begins every key, so that merchants can share a store. */
  readonly clientId: string
  readonly rateLimit: RateLimitOptions | false
  readonly logger: Logger
}

const limitKey = Symbol('rate limit key')

/** The key is kept on the request itself, because a `WeakMap` of requests makes every garbage collection slower. */
type Counted = Request & { [limitKey]?: string }

/** Counts requests, and refuses those above the limit. */
export class RateLimits {
  readonly #parts: RateLimitParts
  readonly #memories: MemoryStore[] = []
  readonly #floods = new WeakSet<Request>()

  constructor(parts: RateLimitParts) {
    this.#parts = parts
  }

  /** @returns the check that stands before a route, or nothing if the route has no limit */
  guard(name: RouteName, identities: Identities): RequestHandler[] {
    const { clientId, rateLimit: options } = this.#parts
    const limit = limitOf(name, options === false ? false : options.limits)
    if (!limit || !isLimited(name)) return []
    const limiter = rateLimit(this.#optionsFor(name, limit))
    const { caller } = routeTable[name]
    const settle = this.#settleFor(name)
    return [
      checkLater(async (req: Counted, res) => {
        req[limitKey] = `${clientId}:${name}:${await limitKeyOf(req, caller, identities)}`
        settle(await new Promise<unknown>((resolve) => limiter(req, res, resolve)))
      }),
    ]
  }

  /** Whether the request is above its address's limit, on a route that does not refuse it for that alone. */
  isFlood(req: Request): boolean {
    return this.#floods.has(req)
  }

  close(): void {
    for (const memory of this.#memories) memory.shutdown()
  }

  #optionsFor(name: LimitedRoute, { limit, windowMs }: Limit): Partial<Options> {
    const isWebhook = routeTable[name].caller === 'doku'
    const { logger } = this.#parts
    return {
      limit,
      windowMs,
      identifier: name,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      requestPropertyName: 'expressDokuOvoRateLimit',
      skipSuccessfulRequests: isWebhook,
      keyGenerator: (req: Counted) => req[limitKey] ?? '',
      handler: isWebhook ? this.#noteFlood : refuse,
      store: this.#storeFor(name),
      // The warning ROUTER_PER_REQUEST covers this for the whole router.
      validate: { creationStack: false },
      logger: {
        warn: (err, message) => logger.warn({ err, route: name }, message ?? 'express-rate-limit'),
        error: (err, message) => logger.error({ err, route: name }, message ?? 'express-rate-limit'),
      },
    }
  }

  readonly #noteFlood: Options['handler'] = (req, res, next) => {
    this.#floods.add(req)
    res.removeHeader('Retry-After')
    next()
  }

  #storeFor(name: LimitedRoute): Store {
    const make = this.#parts.rateLimit === false ? undefined : this.#parts.rateLimit.store
    if (make) return strictStore(requireStore(name, make(name)))
    const memory = new MemoryStore()
    this.#memories.push(memory)
    return memory
  }

  /** Throws the refusal of a request. Logs the first failure of an outage, and refuses routes that need counting. */
  #settleFor(name: LimitedRoute): (error: unknown) => void {
    let isDown = false
    return (error) => {
      if (error instanceof ProblemError) throw error
      if (error && !isDown) this.#parts.logger.error({ err: error, route: name }, 'requests cannot be counted')
      isDown = Boolean(error)
      if (!error || !routeTable[name].limit?.needsCounting) return
      throw new ProblemError('LIMITER_UNAVAILABLE', 'Nothing was done; try again in a moment.', { cause: error })
    }
  }
}

function refuse(): never {
  throw new ProblemError('TOO_MANY_REQUESTS', 'Wait as long as Retry-After says, in seconds.')
}

/** One household or company has this much of IPv6, so its addresses count as one. In bits. */
const ipv6Subnet = 56

/** In characters: more than IPv6 with a zone needs. */
const longestAddress = 64

/** @returns the key that a request is counted under: the customer, or the address if nobody is signed in */
export async function limitKeyOf(req: Request, caller: Caller, { identify, isStaff }: Identities): Promise<string> {
  const customer = caller === 'customer' ? await customerIfAny(identify, req) : undefined
  if (customer) return `customer:${customer.id}`
  // An app that believes every `X-Forwarded-For` takes any text for an address, at any length.
  const address = `address:${ipKeyGenerator((req.ip ?? '').slice(0, longestAddress), ipv6Subnet)}`
  return caller === 'staff' && (await isStaff(req)) ? `staff:${address}` : address
}

function requireStore(name: LimitedRoute, store: Partial<Store> | undefined): Store {
  const methods = [store?.increment, store?.decrement, store?.resetKey]
  if (methods.every((method) => typeof method === 'function')) return store as Store
  throw new ConfigurationError([`rateLimit.store: what it returned for ${name} is no store`])
}

/** In ms: longer than a healthy store takes. */
const deadlineMs = 1000

/** Makes a host's store strict: a call that takes too long, or an answer that is no count, is an outage. */
function strictStore(store: Store): Store {
  const late = () => new Error(`the rate limit store did not answer within ${deadlineMs} ms`)
  const inTime = <T>(run: () => T | Promise<T>) => withDeadline(Promise.resolve().then(run), deadlineMs, late)
  return {
    ...(store.prefix !== undefined && { prefix: store.prefix }),
    ...(store.localKeys !== undefined && { localKeys: store.localKeys }),
    init: (options) => store.init?.(options),
    increment: (key) => inTime(async () => requireCount(await store.increment(key))),
    decrement: (key) => inTime(() => store.decrement(key)),
    resetKey: (key) => inTime(() => store.resetKey(key)),
  }
}

function requireCount(info: ClientRateLimitInfo): ClientRateLimitInfo {
  if (Number.isInteger(info?.totalHits) && info.totalHits > 0) return info
  throw new Error('the rate limit store answered without a count')
}
