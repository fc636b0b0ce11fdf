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
import {
  type Caller,
  isLimited,
  type Limit,
  type LimitedRoute,
  limitOf,
  needsCounting,
  type OwnLimits,
  type RouteName,
  routeTable,
} from '../table.ts'
import { type WhoAsks, whoAsksIfAnybody } from './identify.ts'
import { checkLater } from './problem.ts'

/** A store as express-rate-limit and its companions have them: `rate-limit-redis`, for example. */
export type RateLimitStore = Store

/** How often one customer, or one address where nobody is signed in, may call each route. */
export interface RateLimitOptions {
  /** Where a route's requests are counted; another store for each. Default: in this process's memory. */
  readonly store?: ((routeName: LimitedRoute) => RateLimitStore) | undefined
  /** Instead of the defaults; `false`: no limit. */
  readonly limits?: OwnLimits | undefined
}

export interface RateLimitParts {
  readonly clientId: string
  readonly rateLimit: RateLimitOptions | false
  readonly logger: Logger
}

const limitKey = Symbol('whom the request is counted for')

/** On the request itself: a `WeakMap` of requests makes every collection of garbage slower. */
type Counted = Request & { [limitKey]?: string }

/** Counts requests, and turns away who makes too many. */
export class RateLimits {
  readonly #parts: RateLimitParts
  readonly #memories: MemoryStore[] = []
  readonly #floods = new WeakSet<Request>()

  constructor(parts: RateLimitParts) {
    this.#parts = parts
  }

  /** What stands before a route; nothing where no limit is set. */
  guard(name: RouteName, who: WhoIsWho): RequestHandler[] {
    const { rateLimit: options } = this.#parts
    const limit = limitOf(name, options === false ? false : options.limits)
    if (!limit || !isLimited(name)) return []
    const limiter = rateLimit(this.#optionsFor(name, limit))
    const { caller } = routeTable[name]
    const notCounted = this.#notCounted(name)
    return [
      checkLater(async (req: Counted, res) => {
        req[limitKey] = `${this.#parts.clientId}:${name}:${await limitKeyOf(req, caller, who)}`
        notCounted(await new Promise<unknown>((resolve) => limiter(req, res, resolve)))
      }),
    ]
  }

  /** Whether the request is one of too many from its address, on a route where that alone does not turn it away. */
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
      // Being made in a request is warned about for the whole router.
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
    if (!make) {
      const memory = new MemoryStore()
      this.#memories.push(memory)
      return memory
    }
    const store: Partial<Store> | undefined = make(name)
    const isStore = [store?.increment, store?.decrement, store?.resetKey].every(
      (method) => typeof method === 'function',
    )
    if (!store || !isStore) throw new ConfigurationError([`rateLimit.store: what it returned for ${name} is no store`])
    return strictStore(store as Store)
  }

  /** What becomes of a request that was turned away, or could not be counted. An outage is told once. */
  #notCounted(name: LimitedRoute): (error: unknown) => void {
    let isDown = false
    return (error) => {
      if (error instanceof ProblemError) throw error
      if (error && !isDown) this.#parts.logger.error({ err: error, route: name }, 'requests cannot be counted')
      isDown = Boolean(error)
      if (!error || !needsCounting(name)) return
      throw new ProblemError('LIMITER_UNAVAILABLE', 'Nothing was done; try again in a moment.', { cause: error })
    }
  }
}

function refuse(): never {
  throw new ProblemError('TOO_MANY_REQUESTS', 'Wait as long as Retry-After says, in seconds.')
}

/** Who can be told apart. */
export interface WhoIsWho {
  readonly whoAsks: WhoAsks
  readonly isStaff: (req: Request) => Promise<boolean>
}

/** One household or company has this much of IPv6, so its addresses count as one. */
const ipv6Subnet = 56

/** In characters: more than IPv6 with a zone needs. */
const longestAddress = 64

/** Whom a request is counted for: the customer first, and the address where nobody is signed in. */
export async function limitKeyOf(req: Request, caller: Caller, { whoAsks, isStaff }: WhoIsWho): Promise<string> {
  const customer = caller === 'customer' ? await whoAsksIfAnybody(whoAsks, req) : undefined
  if (customer) return `customer:${customer.id}`
  // An app that believes every `X-Forwarded-For` takes any text for an address, of any length.
  const address = `address:${ipKeyGenerator((req.ip ?? '').slice(0, longestAddress), ipv6Subnet)}`
  return caller === 'staff' && (await isStaff(req)) ? `staff:${address}` : address
}

/** Longer than any store takes that is well, in ms. */
const deadlineMs = 1000

/** A host's store, made strict: what takes too long, or counts what cannot be, is an outage. */
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
