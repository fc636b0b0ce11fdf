/**
 * Acts that cannot be taken back. Everything else a later message can correct.
 *
 * - `free-order`: calls an attempt failed, cancelled or expired, so that the order can be charged again.
 * - `release-refund`: calls a refund failed, so that its part of the payment can be given back again.
 * - `end-binding`: ends a customer's link here.
 * - `delete-auth-code`: forgets the only means to end the link at DOKU.
 */
export type Act = 'free-order' | 'release-refund' | 'end-binding' | 'delete-auth-code'

interface Row {
  readonly source: 'DOKU' | 'transport' | 'storage' | 'browser' | 'clock' | 'person'
  readonly proves: string
  /** How many independent witnesses each act needs. An act that is not named is not allowed, however many there are. */
  readonly allows: { readonly [act in Act]?: 1 | 2 }
  /** Two witnesses must be so far apart, in ms. Default: 15 minutes. */
  readonly separationMs?: number
}

/**
 * Each statement that reaches us, with the acts that may follow from it. "Independent" means separated in time by
 * `separationMs`: two answers within a minute can have one cause.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-11
 */
export const evidence = {
  'payment request refused': {
    source: 'DOKU',
    proves: 'DOKU has taken nothing with this request (a definite response code)',
    allows: { 'free-order': 1 },
  },
  'payment request never left': {
    source: 'transport',
    proves: 'no byte of the request left this process',
    allows: { 'free-order': 1 },
  },
  'payment failed or cancelled': {
    source: 'DOKU',
    proves: 'DOKU calls the attempt 05 or 06, in a status answer or a verified notification. It can still turn to 00',
    allows: { 'free-order': 1 },
  },
  'payment not found': {
    source: 'DOKU',
    proves: 'DOKU does not know the attempt at this moment; it may know it later',
    allows: { 'free-order': 2 },
  },
  'payment still open': {
    source: 'DOKU',
    proves: 'DOKU calls the attempt 01, 02 or 03: at this moment it has taken nothing, and still can',
    allows: { 'free-order': 2 },
  },
  'released by a person': {
    source: 'person',
    proves: 'a member of staff answers for it, after DOKU was asked at that moment',
    allows: { 'free-order': 1 },
  },
  'not confirmed for a week': {
    source: 'clock',
    proves: "OVO's page has closed long ago, and DOKU still names no end",
    allows: { 'free-order': 1 },
  },
  'refund request refused': {
    source: 'DOKU',
    proves: 'DOKU has given nothing back with this request (a definite response code)',
    allows: { 'release-refund': 1 },
  },
  'refund request never left': {
    source: 'transport',
    proves: 'no byte of the request left this process',
    allows: { 'release-refund': 1 },
  },
  'refund failed': {
    source: 'DOKU',
    proves: 'refundHistory calls the refund 06',
    allows: { 'release-refund': 1 },
  },
  'refund settled by a person': {
    source: 'person',
    proves: 'a member of staff has seen in DOKU’s dashboard what became of the refund',
    allows: { 'release-refund': 1 },
  },
  'refund not in the history': { source: 'DOKU', proves: 'nothing: the history is optional and can lag', allows: {} },
  'link refused': {
    source: 'DOKU',
    proves: 'DOKU does not take the authCode or its token at this moment, and names no fault of the merchant',
    allows: { 'end-binding': 2 },
    separationMs: 5 * 60_000,
  },
  'link refused, merchant accepted': {
    source: 'DOKU',
    proves: 'DOKU refuses the link within a minute after it gave this process an access token for the same keys',
    allows: { 'end-binding': 1 },
  },
  'unbinding confirmed': {
    source: 'DOKU',
    proves: 'DOKU has ended the link because we asked',
    allows: { 'end-binding': 1, 'delete-auth-code': 1 },
  },
  'another link active': {
    source: 'DOKU',
    proves: 'the customer has a later link that works, and can have one only',
    allows: { 'delete-auth-code': 1 },
  },
  'link dropped by a person': {
    source: 'person',
    proves: 'a member of staff answers for it: the key of the link is lost',
    allows: { 'end-binding': 1, 'delete-auth-code': 1 },
  },
  'sealed value does not open': { source: 'storage', proves: 'nothing: this process may lack its key', allows: {} },
  'answer lost': { source: 'transport', proves: 'nothing: DOKU may have acted', allows: {} },
  'answer about something else': { source: 'DOKU', proves: 'nothing about the request', allows: {} },
  'browser returned': { source: 'browser', proves: 'nothing: anybody can open an address', allows: {} },
  'record absent': { source: 'storage', proves: 'nothing about DOKU: a restore can lose records', allows: {} },
} as const satisfies Record<string, Row>

export type Statement = keyof typeof evidence

/** When and by whom a statement was heard. */
export interface Heard {
  /** DOKU's HTTP `Date`, in ms since the epoch. Absent if DOKU sent none. */
  readonly dokuTime?: number
  /** The process that heard it, and its monotonic clock then, in ms. */
  readonly process: string
  readonly monotonicMs: number
}

/** Statements that are closer together than this count as one. */
const separationMs = 15 * 60_000

/**
 * Whether two hearings are separated in time: by DOKU's clock, or, if an answer has no `Date`, by the monotonic clock of
 * one process. The clocks of two machines are never compared. An answer with an older `Date` than the one before it comes
 * from a cache or from another clock, so it is no second witness.
 */
function areSeparated(earlier: Heard, later: Heard, apartMs = separationMs): boolean {
  const isOneProcess = earlier.process === later.process
  const hasWaited = isOneProcess && later.monotonicMs - earlier.monotonicMs >= apartMs
  if (earlier.dokuTime === undefined || later.dokuTime === undefined) return hasWaited
  // One process knows how long it waited, even if the clocks of DOKU's machines differ.
  return later.dokuTime - earlier.dokuTime >= apartMs && (hasWaited || !isOneProcess)
}

/** Whether a later hearing can ever be compared with this one. If not, the later one takes its place as the first witness. */
export function areComparable(earlier: Heard, later: Heard): boolean {
  return earlier.dokuTime !== undefined || earlier.process === later.process
}

/**
 * Whether an act may follow from a statement.
 * @param heard each hearing of it, oldest first; may be left out if one witness is enough
 */
export function permits(act: Act, statement: Statement, heard: readonly Heard[] = []): boolean {
  const { allows, separationMs: apartMs }: Row = evidence[statement]
  if (allows[act] !== 2) return allows[act] === 1
  return heard.some((one, index) => heard.slice(index + 1).some((other) => areSeparated(one, other, apartMs)))
}
