import type { Request } from 'express'
import type { Api } from '../doku/api.ts'
import type { ProblemCode } from '../errors.ts'
import type { Bindings } from '../flows/binding.ts'
import type { BindingStore } from '../flows/bindings/binding-store.ts'
import type { Gate } from '../flows/gate.ts'
import type { Clearance } from '../flows/orders/clearance.ts'
import type { Orders } from '../flows/orders/orders.ts'
import type { UnmatchedNotifications } from '../flows/orders/unmatched.ts'
import type { ParkedEvents } from '../flows/outbox/parked-events.ts'
import type { Payments } from '../flows/payment.ts'

import type { Refunds } from '../flows/refund.ts'
import type { ReturnPurpose, ReturnStates } from '../flows/return-state.ts'
import type { Webhooks } from '../flows/webhook.ts'
import type { Balance, Customer } from '../model/views.ts'
import type { JsonObject } from '../primitives/json.ts'
import type { Storage } from '../storage/storage.ts'
import type { Warnings } from '../warnings.ts'
import type { Identities } from './middleware/identify.ts'
import type { Handler } from './middleware/problem.ts'

/** The people and programs that call a route. */
export type Caller = 'customer' | 'staff' | 'browser' | 'doku' | 'operations'

/** Everything about one route: the router mounts it, the limiter counts it, the OpenAPI document describes it. */
export interface Route {
  readonly method: 'get' | 'post' | 'delete'
  /** Below the mount. */
  readonly path: string
  readonly caller: Caller
  /** Default: requests are not counted. */
  readonly limit?: DefaultLimit
  readonly operation: Operation
  /** Makes the handler from the parts that it needs. */
  readonly handler: (parts: RouteParts) => Handler
}

/** A route whose requests are counted. */
export interface CountedRoute extends Route {
  readonly limit: DefaultLimit
}

/** How many requests one customer, or one address, may make. */
export interface Limit {
  readonly limit: number
  /** In ms, from the first request that is counted. */
  readonly windowMs: number
}

interface DefaultLimit extends Limit {
  /** The route answers 503 while requests cannot be counted: it moves money, or makes OVO send messages to a phone. */
  readonly needsCounting?: true
}

export const minuteMs = 60_000

/** The flows that the routes and the service call. */
export interface Flows {
  readonly bindings: Bindings
  readonly payments: Payments
  readonly refunds: Refunds
  readonly balance: (customer: Customer) => Promise<Balance>
  readonly webhooks: Webhooks
  readonly returns: ReturnStates
  readonly orders: Pick<Orders, 'ownsEvent' | 'paidTwice'>
  readonly clearance: Clearance
  readonly unmatched: Pick<UnmatchedNotifications, 'ownsEvent'>
  readonly bindingStore: Pick<BindingStore, 'ownsEvent'>
  readonly parked: ParkedEvents
  readonly gate: Gate
}

/** The parts from which handlers are made. */
export interface RouteParts extends Identities {
  readonly flows: Flows
  readonly warnings: Warnings
  /** Whether the address has sent too many requests to this route. */
  readonly isFlood: (req: Request) => boolean
  /** The OpenAPI document as JSON. */
  readonly openApi: () => Promise<string>
  /** Without a slash at its end. */
  readonly publicUrl: string
  readonly returnUrls: { readonly [purpose in ReturnPurpose]?: string | undefined }
  readonly api: Api
  readonly environment: 'sandbox' | 'production' | 'custom'
  readonly storageScope: Storage['scope']
  /** Every mounted route as `POST /payments`. */
  readonly mounted: readonly string[]
}

/**
 * The words of the OpenAPI document about a route. The rest follows from the other fields of its row. This is plain data that
 * names schemas and headers, so that the document's schemas are loaded only when somebody asks for the document.
 */
export interface Operation {
  /** Default: the route's name. */
  readonly operationId?: string
  readonly summary: string
  readonly description?: string
  /** The field of DOKU's dashboard into which a merchant copies the route's address. */
  readonly dashboardField?: string
  /** The variable parts of the path. */
  readonly pathParts?: Readonly<Record<string, JsonObject>>
  /** The headers that DOKU must send, besides those that prove its identity. */
  readonly requestHeaders?: Readonly<Record<string, JsonObject>>
  /** How DOKU signs the request. */
  readonly signature?: 'dokuKey' | 'dokuSecret'
  /** The body matches one of these. */
  readonly body?: readonly [SchemaName, ...SchemaName[]]
  /** By HTTP status. */
  readonly answers: Readonly<Record<string, Answer>>
  /** Besides the problems that follow from the other fields of the row. */
  readonly problems: readonly ProblemCode[]
  /** Replaces these fields if the api in use has no refunds. */
  readonly withoutRefunds?: Pick<Operation, 'description' | 'answers' | 'problems'>
}

/** One answer that is no problem. */
export interface Answer {
  readonly description: string
  /** The schema of its JSON. */
  readonly schema?: SchemaName
  /** It is a page for people. */
  readonly isPage?: true
  /** Besides those of the rate limits. */
  readonly headers?: readonly HeaderName[]
  /** The SNAP responseCodes of this answer, each with its meaning. */
  readonly codes?: Readonly<Record<string, string>>
}

/** The schemas of the OpenAPI document that a route can name; openapi/schemas.ts defines each. */
export type SchemaName =
  | 'Binding'
  | 'Balance'
  | 'Payment'
  | 'Refund'
  | 'Health'
  | 'OpenApi'
  | 'BindingInput'
  | 'PaymentInput'
  | 'RefundInput'
  | 'TokenRequest'
  | 'PaymentNotification'
  | 'BindingNotification'
  | 'SnapReply'
  | 'SnapToken'

/** The headers of answers on which a client can act; openapi/responses.ts describes each. */
export type HeaderName = 'RateLimit' | 'RateLimit-Policy' | 'Retry-After' | 'Location' | 'X-CLIENT-KEY' | 'X-TIMESTAMP'

/** The problems that every call to DOKU can end in. */
export const dokuProblems = [
  'OVO_REFUSED',
  'DOKU_REFUSED',
  'DOKU_UNAVAILABLE',
] as const satisfies readonly ProblemCode[]
