import {
  authenticateTokenCall,
  authenticateTransaction,
  checkEnvelope,
  checkTransactionHeaders,
  findCustomer,
  readBody,
} from './checks.ts'
import type { OperationFault } from './faults/fault.ts'
import type { Verdict } from './journal.ts'
import { HANDLERS } from './operations/handlers.ts'
import { type Answer, Refusal, refuse, succeed } from './protocol/answers.ts'
import { OPERATIONS, type Received, type Route } from './protocol/routes.ts'
import { bodyDigest } from './protocol/signature.ts'
import type { World } from './world.ts'

export interface Outcome {
  readonly answer: Answer
  readonly verdict: Verdict
  /** True when the caller has proven that it is the merchant. */
  readonly isAuthentic: boolean
}

/** Checks a request in DOKU's order, then carries its operation out. Synchronous, so calls never interleave. */
export function carryOut(world: World, route: Route, received: Received, fault: OperationFault): Outcome {
  const isTokenCall = OPERATIONS[route.operation].signature === 'asymmetric'
  const refusal = attempt(world, route, () => {
    checkEnvelope(received)
    if (isTokenCall) authenticateTokenCall(world, received)
    else checkTransaction(world, route, received)
    return undefined
  })
  if (refusal) return { answer: refusal, verdict: 'refused', isAuthentic: false }
  return isTokenCall ? judged(perform(world, route, received, fault)) : performOnce(world, route, received, fault)
}

function checkTransaction(world: World, { generation }: Route, received: Received): void {
  checkTransactionHeaders(received, generation, world.settings.dialect)
  authenticateTransaction(world, received)
}

/**
 * An X-EXTERNAL-ID is valid for one request a day. The same request again gets the same body with 409.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#11
 */
function performOnce(world: World, route: Route, received: Received, fault: OperationFault): Outcome {
  const now = world.settings.clock()
  const externalId = received.headers['x-external-id'] ?? ''
  const fingerprint = `${received.method} ${received.target} ${bodyDigest(received.body)}`
  const before = world.settings.deduplicates ? world.externalIds.find(externalId, now) : undefined
  if (before?.fingerprint === fingerprint && world.settings.dialect.duplicates === 'first-answer') {
    return { answer: { status: 409, body: before.answer.body }, verdict: 'replayed', isAuthentic: true }
  }
  if (before) return judged(refuse(OPERATIONS[route.operation].serviceCode, new Refusal('conflict')))
  const answer = perform(world, route, received, fault)
  world.externalIds.remember(externalId, { fingerprint, answer }, now)
  return judged(answer)
}

function judged(answer: Answer): Outcome {
  return { answer, verdict: answer.status === 200 ? 'accepted' : 'refused', isAuthentic: true }
}

function perform(world: World, route: Route, received: Received, fault: OperationFault): Answer {
  const { needsCustomerToken, serviceCode } = OPERATIONS[route.operation]
  const isWithout =
    route.operation === 'refund' &&
    world.settings.dialect.refundWithoutCustomer === 'accepted' &&
    !received.headers['authorization-customer']
  return attempt(world, route, () => {
    const customer = needsCustomerToken && !isWithout ? { customer: findCustomer(world, received) } : {}
    const body = readBody(received, route)
    return succeed(
      serviceCode,
      HANDLERS[route.operation](world, { route, headers: received.headers, body, fault, ...customer }),
    )
  })
}

/** Turns a refusal into its answer. Logs any other error, and answers it with DOKU's general error. */
function attempt<Result extends Answer | undefined>(world: World, route: Route, step: () => Result): Result | Answer {
  const { serviceCode } = OPERATIONS[route.operation]
  try {
    return step()
  } catch (error) {
    if (error instanceof Refusal) return refuse(serviceCode, error)
    world.settings.log(`${route.operation}: ${error instanceof Error ? error.stack : error}`)
    return refuse(serviceCode, new Refusal('generalError'))
  }
}
