import type { ServerResponse } from 'node:http'
import { carryOut, type Outcome, type Verdict } from './carry-out.ts'
import type { Received } from './operations/call.ts'
import type { Answer } from './protocol/answers.ts'
import { OPERATIONS, type OperationName, type Route } from './protocol/routes.ts'
import { jakartaTime } from './protocol/timestamp.ts'
import type { World } from './world.ts'

/** One call that was made to an operation of DOKU's, right or wrong. */
export interface RecordedCall {
  readonly operation: OperationName
  readonly method: string
  /** With the query, as it was signed. */
  readonly path: string
  readonly headers: Received['headers']
  readonly body: string
  /** `accepted`: carried out, answer 200. `refused`: anything else. `replayed`: answered once more as before, with 409. */
  readonly verdict: Verdict
  /** The signature was right, and so was everything else that proves the caller to be the merchant. */
  readonly isAuthentic: boolean
  /** HTTP status and responseCode of the answer. */
  readonly status: number
  readonly code: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** The one place where an operation is carried out and its answer sent: what goes wrong in between is arranged here. */
export async function exchange(
  world: World,
  calls: RecordedCall[],
  route: Route,
  received: Received,
  response: ServerResponse,
): Promise<void> {
  const outcome = carryOut(world, route, received)
  const call = recordOf(world, route, received, outcome)
  calls.push(call)
  world.settings.log(`${call.operation}: ${call.code} ${call.verdict}`)
  sendAnswer(world, route, outcome.answer, response)
}

function recordOf(world: World, { operation }: Route, received: Received, outcome: Outcome): RecordedCall {
  const { answer, verdict, isAuthentic } = outcome
  return {
    operation,
    method: received.method,
    path: received.target,
    headers: received.headers,
    body: received.body.toString('utf8'),
    verdict,
    isAuthentic,
    status: answer.status,
    code: String(answer.body.responseCode),
    at: world.settings.clock(),
  }
}

/** Token answers name the client as well. @see protocol.md section 3, "Response headers" */
function sendAnswer(world: World, { operation }: Route, { status, body }: Answer, response: ServerResponse): void {
  const { clientId, clock } = world.settings
  response.setHeader('content-type', 'application/json')
  response.setHeader('x-timestamp', jakartaTime(clock()))
  if (OPERATIONS[operation].signature === 'asymmetric') response.setHeader('x-client-key', clientId)
  response.writeHead(status).end(JSON.stringify(body))
}
