import type { Request } from 'express'
import { sha256Hex } from '../../doku/signature.ts'
import { ProblemError } from '../../errors.ts'
import { customerOutput, parseOutput } from '../../model/input.ts'
import type { Customer } from '../../model/views.ts'

type Identified = Customer | undefined | null | false

/** Who is paying, from the host's own session; nothing when nobody is signed in. */
export type Identify = (req: Request) => Identified | Promise<Identified>

/** Whether a request may give money back: staff of the shop, from the host's own session. */
export type AuthorizeRefund = (req: Request) => boolean | Promise<boolean>

/** The same answer for the same request: who has to be told apart more than once is asked about once. */
export function oncePerRequest<T>(ask: (req: Request) => Promise<T>): (req: Request) => Promise<T> {
  const answer = Symbol('answer')
  return (req: Request & { [answer]?: Promise<T> }) => {
    req[answer] ??= ask(req)
    return req[answer]
  }
}

/** A function that tells who makes a request. */
export type WhoAsks = (req: Request) => Promise<Customer>

/**
 * Asks the host. What the host does not say about the device comes from the request: its address, and a stable id made
 * from the customer and the browser.
 * @throws ProblemError UNAUTHENTICATED when the host names nobody
 * @throws HostError when what the host says cannot be used
 */
export function createWhoAsks(identify: Identify): WhoAsks {
  return oncePerRequest(async (req) => {
    const identified = await identify(req)
    if (!identified) throw new ProblemError('UNAUTHENTICATED', 'Sign in first.')
    const { id, deviceId, ipAddress } = parseOutput(customerOutput, 'identify()', identified)
    const device = deviceId || sha256Hex(`${id}\n${req.headers['user-agent'] ?? ''}`).slice(0, 32)
    return { id, deviceId: device, ipAddress: ipAddress || req.ip }
  })
}

/** The same, where nobody need be signed in. */
export async function whoAsksIfAnybody(whoAsks: WhoAsks, req: Request): Promise<Customer | undefined> {
  try {
    return await whoAsks(req)
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'UNAUTHENTICATED') return undefined
    throw error
  }
}
