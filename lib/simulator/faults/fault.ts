import type { OperationName } from '../protocol/routes.ts'

/** Where a fault strikes: a call that the merchant makes, or a notification to the merchant. */
export type FaultTarget = OperationName | 'notification'

/** Waiting: for `ms`, by the option `sleep`; without it, until `faults.release()`. */
interface Wait {
  readonly ms?: number
}

interface MayCarryOut {
  /** The operation is carried out, and only then things go wrong. Default: false, it never happens. */
  readonly carriesOut?: boolean
}

type Plain = unknown

/** What can go wrong with a call, and the details of each. */
interface OperationFaults {
  /** All goes well: leaves a gap in a script. */
  none: Plain
  /** Carried out late, or carried out at once and answered late (the default). Goes through when the caller has left. */
  latency: Wait & { readonly before?: 'carrying-out' | 'answer' }
  /** No answer, ever. The connection stays open until the simulator closes. */
  hang: MayCarryOut
  /** The connection is destroyed without a byte of an answer. */
  cut: MayCarryOut
  /** Carried out; the connection is destroyed in the middle of the true answer. */
  'cut-answer': Plain
  /** Default: 500, with SNAP's body for it. */
  'http-error': MayCarryOut & { readonly status?: number; readonly body?: 'snap' | 'html' | 'none' }
  /** 200, and a web page. */
  html: MayCarryOut
  /** 200, and JSON that breaks off, though the HTTP message is whole. */
  garbage: MayCarryOut
  /** 200, and a well-formed JSON object that is too large. Without a Content-Length. Default: 10 MiB. */
  oversize: MayCarryOut & { readonly bytes?: number }
  /** 202 Request In Progress. */
  'in-progress': MayCarryOut
  /** SNAP's code with `xx` for the service code, as protocol.md section 8 writes it: `403xx14`. */
  refusal: MayCarryOut & { readonly code: `${number}xx${number}`; readonly message?: string }
  /** Every access token (B2B) is invalid from now on; then the call goes its way. */
  'revoked-tokens': Plain
  /** Check status only: answers as things were `ms` ago (not found, if there was nothing); without `ms`, as at the start. */
  lag: { readonly ms?: number }
  /** Payment only: where it would be paid it fails (06, and says so). After the wait it is charged all the same (00). */
  'fails-first': Wait
}

/** What can go wrong with a notification. A fault is for one notification, with all its retries. */
interface NotificationFaults {
  none: Plain
  /** Never arrives, and is not tried again. */
  lost: Plain
  /** Arrives so many times, all at once. Default: 2. */
  duplicated: { readonly times?: number }
  /** Waits until the next notification has been delivered, or `faults.release()`. */
  reordered: Plain
  delayed: Wait
  /** Signed with an X-TIMESTAMP that is so old. Default: a day. */
  stale: { readonly ms?: number }
}

type Named<Faults, Kind extends keyof Faults> = { [Name in Kind]: { readonly kind: Name } & Faults[Name] }[Kind]

export type OperationFaultKind = keyof OperationFaults
export type OperationFault<Kind extends OperationFaultKind = OperationFaultKind> = Named<OperationFaults, Kind>
export type NotificationFaultKind = keyof NotificationFaults
export type NotificationFault<Kind extends NotificationFaultKind = NotificationFaultKind> = Named<
  NotificationFaults,
  Kind
>
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

/** Whether the operation happens, whatever the caller is told. */
export function isCarriedOut(fault: OperationFault): boolean {
  return ALWAYS_CARRIED_OUT.includes(fault.kind) || ('carriesOut' in fault && fault.carriesOut === true)
}
