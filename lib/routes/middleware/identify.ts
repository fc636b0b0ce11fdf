import type { Request } from 'express'
import { sha256Hex } from '../../doku/signature.ts'
import { ProblemError } from '../../errors.ts'
import { customerOutput, parseOutput } from '../../model/input.ts'
import type { Customer } from '../../model/views.ts'

type Identified = Customer | undefined | null | false

/**
 * Returns the signed-in customer, from the host's own session. If it returns nothing, the route answers 401.
 * @example
 * ```ts
 * import type { Identify } from 'express-doku-ovo'
 *
 * const identify: Identify = (req) => req.user && { id: req.user.id }
 * ```
 */
export type Identify = (req: Request) => Identified | Promise<Identified>

/**
 * Returns whether the request comes from staff of the shop who may refund, from the host's own session.
 * @example
 * ```ts
 * import type { AuthorizeRefund } from 'express-doku-ovo'
 *
 * const authorizeRefund: AuthorizeRefund = (req) => req.user?.isStaff === true
 * ```
 */
export type AuthorizeRefund = (req: Request) => boolean | Promise<boolean>

/**
 * Finds the customer who makes a request.
 * @throws ProblemError UNAUTHENTICATED if the host names nobody
 * @throws HostError if the host's answer cannot be used
 */
export type IdentifyCustomer = (req: Request) => Promise<Customer>

/** The callers that the host can tell apart. */
export interface Identities {
  readonly identify: IdentifyCustomer
  readonly isStaff: (req: Request) => Promise<boolean>
}

/** Asks the host's functions at most once for each request. */
export function createIdentities(identify: Identify, authorizeRefund: AuthorizeRefund | undefined): Identities {
  return {
    identify: oncePerRequest(async (req) => toCustomer(req, await identify(req))),
    isStaff: oncePerRequest(async (req) => (await authorizeRefund?.(req)) === true),
  }
}

/** @returns undefined if nobody is signed in */
export async function customerIfAny(identify: IdentifyCustomer, req: Request): Promise<Customer | undefined> {
  try {
    return await identify(req)
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'UNAUTHENTICATED') return undefined
    throw error
  }
}

/** If the host does not name the device, the customer's id and the browser make a stable one. The address comes from the request. */
function toCustomer(req: Request, identified: Identified): Customer {
  if (!identified) throw new ProblemError('UNAUTHENTICATED', 'Sign in first.')
  const { id, deviceId, ipAddress } = parseOutput(customerOutput, 'identify()', identified)
  const device = deviceId || sha256Hex(`${id}\n${req.headers['user-agent'] ?? ''}`).slice(0, 32)
  return { id, deviceId: device, ipAddress: ipAddress || req.ip }
}

function oncePerRequest<T>(ask: (req: Request) => Promise<T>): (req: Request) => Promise<T> {
  const answer = Symbol('answer')
  return (req: Request & { [answer]?: Promise<T> }) => {
    req[answer] ??= ask(req)
    return req[answer]
  }
}
