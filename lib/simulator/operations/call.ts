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
  /** The fault of this call. Some faults change the work of the handler. */
  readonly fault: OperationFault
  /** The customer token and its binding. Only for operations that need a customer token. */
  readonly customer?: Customer
}

export interface Customer {
  readonly binding: Binding
  readonly token: string
}

/** Carries out an operation and returns the fields of the answer. @throws Refusal when it cannot */
export type Handler = (world: World, call: Call) => Readonly<Record<string, unknown>>

/** The customer of a call whose operation needs one. */
export function customerOf({ customer }: Call): Customer {
  if (!customer) throw new Refusal('customerTokenNotFound')
  return customer
}
