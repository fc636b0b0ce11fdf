import type { OperationFault } from '../faults/fault.ts'
import { Refusal } from '../protocol/answers.ts'
import type { JsonObject } from '../protocol/bodies.ts'
import type { Received, Route } from '../protocol/routes.ts'
import type { Binding } from '../state/bindings.ts'
import type { World } from '../world.ts'

/** A request that has passed every check. */
export interface Call {
  readonly route: Route
  readonly headers: Received['headers']
  readonly body: JsonObject
  /** What is to go wrong, as far as it is the handler's business. */
  readonly fault: OperationFault
  /** The binding that the customer token speaks for, and the token: of operations that need one. */
  readonly customer?: Customer
}

export interface Customer {
  readonly binding: Binding
  readonly token: string
}

/** Carries an operation out and returns the answer's fields. Throws a `Refusal` when it cannot. */
export type Handler = (world: World, call: Call) => Readonly<Record<string, unknown>>

/** The customer of a call whose operation needs one. */
export function customerOf({ customer }: Call): Customer {
  if (!customer) throw new Refusal('customerTokenNotFound')
  return customer
}
