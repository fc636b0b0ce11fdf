import type { ServerResponse } from 'node:http'
import { carryOut, type Outcome } from './carry-out.ts'
import { isCarriedOut, NO_FAULT, type OperationFault } from './faults/fault.ts'
import { type Reply, replyUnder, sendReply } from './faults/reply.ts'
import type { Arrival, RecordedCall } from './journal.ts'
import { succeed } from './protocol/answers.ts'
import { OPERATIONS, type Received, type Route } from './protocol/routes.ts'
import { jakartaTime } from './protocol/values.ts'
import type { World } from './world.ts'

/** Carries out one operation and sends its answer. Operation faults strike here, and nowhere else. */
export async function exchange(world: World, route: Route, received: Received, response: ServerResponse) {
  const arrival = arrivalOf(world, route, received)
  world.journal.emit({ moment: 'arrived', arrival })
  const fault = world.faults.take(route.operation) ?? NO_FAULT
  if (fault.kind === 'revoked-tokens') world.tokens.revokeAccessTokens()
  await waitBefore('carrying-out', world, route, fault)
  const outcome = isCarriedOut(fault) ? carryOut(world, route, received, fault) : undefined
  const reply = replyTo(route, fault, outcome)
  const call = recordOf(world, arrival, fault, outcome, reply)
  world.settings.log(`${call.operation}: ${call.code || call.status} ${call.verdict}`)
  world.journal.emit({ moment: 'decided', call })
  await waitBefore('answer', world, route, fault)
  sendReply(response, headersFor(world, route), reply)
  world.journal.emit({ moment: 'answered', call })
}

async function waitBefore(step: 'carrying-out' | 'answer', world: World, { operation }: Route, fault: OperationFault) {
  if (fault.kind !== 'latency' || (fault.before ?? 'answer') !== step) return
  const passed = world.gate.pass(operation, fault.ms)
  world.journal.emit({ moment: 'held' })
  await passed
}

/** If nothing was carried out, the fault changes a plain success answer in place of the operation's own. */
function replyTo({ operation }: Route, fault: OperationFault, outcome: Outcome | undefined): Reply {
  const { serviceCode } = OPERATIONS[operation]
  return replyUnder(fault, outcome?.answer ?? succeed(serviceCode, {}), serviceCode)
}

function arrivalOf({ settings }: World, { operation }: Route, { method, target, headers, body }: Received): Arrival {
  return { operation, method, path: target, headers, body: body.toString('utf8'), arrivedAt: settings.clock() }
}

function recordOf(
  { settings }: World,
  arrival: Arrival,
  { kind }: OperationFault,
  outcome: Outcome | undefined,
  { status, code }: Reply,
): RecordedCall {
  return {
    ...arrival,
    verdict: outcome?.verdict ?? 'prevented',
    isAuthentic: outcome?.isAuthentic ?? false,
    ...(kind !== 'none' && { fault: kind }),
    status,
    code,
    at: settings.clock(),
  }
}

/**
 * `Date` is the simulator’s own clock, as it is DOKU’s. Answers to token calls name the client too.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#3
 */
function headersFor({ settings }: World, { operation }: Route): Record<string, string> {
  const isTokenCall = OPERATIONS[operation].signature === 'asymmetric'
  const now = settings.clock()
  return {
    date: new Date(now).toUTCString(),
    'x-timestamp': jakartaTime(now),
    ...(isTokenCall && { 'x-client-key': settings.clientId }),
  }
}
