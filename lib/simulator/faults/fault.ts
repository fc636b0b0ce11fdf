import type { OperationName } from '../protocol/routes.ts'

/** The target of a fault: a call that the merchant makes, or a notification to the merchant. */
export type FaultTarget = OperationName | 'notification'

/** Waits `ms` by the option `sleep`. Without `ms`, waits until `faults.release()`. */
interface Wait {
  readonly ms?: number
}

interface MayCarryOut {
  /** True: the operation is carried out before the fault strikes. Default: false, and the operation never happens. */
  readonly carriesOut?: boolean
}

type Plain = unknown

/** The faults of calls, and the details of each. */
interface OperationFaults {
  /** No fault. Use it to skip a call in a script. */
  none: Plain
  /** Waits before the operation is carried out, or before the answer (the default). Happens even if the caller has left. */
  latency: Wait & { readonly before?: 'carrying-out' | 'answer' }
  /** Never answers. The connection stays open until the simulator closes. */
  hang: MayCarryOut
  /** Destroys the connection without a byte of an answer. */
  cut: MayCarryOut
  /** Carries out the operation, and destroys the connection in the middle of the true answer. */
  'cut-answer': Plain
  /** Answers with an HTTP error. Default: 500, with SNAP's body for it. */
  'http-error': MayCarryOut & { readonly status?: number; readonly body?: 'snap' | 'html' | 'none' }
  /** Answers 200 with a web page. */
  html: MayCarryOut
  /** Answers 200 with cut-off JSON, although the HTTP message is complete. */
  garbage: MayCarryOut
  /** Answers 200 with a well-formed JSON object that is too large, without a Content-Length. Default: 10 MiB. */
  oversize: MayCarryOut & { readonly bytes?: number }
  /** Answers 202 Request In Progress. */
  'in-progress': MayCarryOut
  /** Refuses with a SNAP code. `xx` stands for the service code, as in [protocol §8](https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#8): `403xx14`. */
  refusal: MayCarryOut & { readonly code: `${number}xx${number}`; readonly message?: string }
  /** Makes every access token (B2B) invalid, then handles the call as usual. */
  'revoked-tokens': Plain
  /** Check status only: answers with the state `ms` ago, or not found if there was no payment. Without `ms`: the first state. */
  lag: { readonly ms?: number }
  /** Payment only: the payment fails (06) in place of being paid, and is notified. After the wait it is charged after all (00). */
  'fails-first': Wait
}

/** The faults of notifications. A fault covers one notification with all its retries. */
interface NotificationFaults {
  /** No fault. */
  none: Plain
  /** Never arrives, and is not retried. */
  lost: Plain
  /** Arrives several times at once. Default: 2. */
  duplicated: { readonly times?: number }
  /** Waits until the next notification has been delivered, or `faults.release()`. */
  reordered: Plain
  /** Waits before it is delivered. */
  delayed: Wait
  /** Signed with an X-TIMESTAMP that is `ms` old. Default: a day. */
  stale: { readonly ms?: number }
}

type Named<Faults, Kind extends keyof Faults> = { [Name in Kind]: { readonly kind: Name } & Faults[Name] }[Kind]

export type OperationFaultKind = keyof OperationFaults
/** A fault of a call that the merchant makes. */
export type OperationFault<Kind extends OperationFaultKind = OperationFaultKind> = Named<OperationFaults, Kind>
export type NotificationFaultKind = keyof NotificationFaults
/** A fault of a notification with all its retries. */
export type NotificationFault<Kind extends NotificationFaultKind = NotificationFaultKind> = Named<
  NotificationFaults,
  Kind
>
/** Every fault that can be set. */
export type Fault = OperationFault | NotificationFault

type Special = { status: 'lag'; payment: 'fails-first' }
type Everywhere = Exclude<OperationFaultKind, Special[keyof Special]>

/** The faults that can be set on a target. */
export type FaultOn<Target extends FaultTarget> = Target extends 'notification'
  ? NotificationFault
  : OperationFault<Everywhere | (Target extends keyof Special ? Special[Target] : never)>

export const NO_FAULT: OperationFault<'none'> = { kind: 'none' }

const onCalls = (target: FaultTarget) => target !== 'notification'
const only = (one: FaultTarget) => (target: FaultTarget) => target === one

const FITS: Readonly<Record<Fault['kind'], (target: FaultTarget) => boolean>> = {
  none: () => true,
  latency: onCalls,
  hang: onCalls,
  cut: onCalls,
  'cut-answer': onCalls,
  'http-error': onCalls,
  html: onCalls,
  garbage: onCalls,
  oversize: onCalls,
  'in-progress': onCalls,
  refusal: onCalls,
  'revoked-tokens': onCalls,
  lag: only('status'),
  'fails-first': only('payment'),
  lost: only('notification'),
  duplicated: only('notification'),
  reordered: only('notification'),
  delayed: only('notification'),
  stale: only('notification'),
}

export function isFaultOn<Target extends FaultTarget>(target: Target, fault: Fault): fault is FaultOn<Target> & Fault {
  return Object.hasOwn(FITS, fault.kind) && FITS[fault.kind](target)
}

const ALWAYS_CARRIED_OUT: readonly string[] = [
  'none',
  'latency',
  'cut-answer',
  'revoked-tokens',
  'lag',
  'fails-first',
] satisfies OperationFaultKind[]

/** Whether the operation is carried out, whatever the caller is answered. */
export function isCarriedOut(fault: OperationFault): boolean {
  return ALWAYS_CARRIED_OUT.includes(fault.kind) || ('carriesOut' in fault && fault.carriesOut === true)
}
