import { AnswerMismatch, type Credentials, type DokuClient, DokuError } from '../../doku/client.ts'
import { TransportError } from '../../doku/transport.ts'
import type { Customer } from '../../model/views.ts'
import type { Logger } from '../../telemetry.ts'
import { sendWithinMs } from '../check-schedule.ts'
import type { Session } from './session.ts'

/**
 * The result of a request that may have moved money.
 *
 * - `answered`: DOKU accepted it.
 * - `refused`: DOKU answered with an error; its meaning decides.
 * - `not-sent`: no byte of it left.
 * - `lost`: it left, and no usable answer came. Nobody here knows what became of it.
 */
export type Sent<Answer> =
  | { readonly outcome: 'answered'; readonly answer: Answer }
  | { readonly outcome: 'refused'; readonly cause: DokuError }
  | { readonly outcome: 'not-sent'; readonly cause: unknown }
  | { readonly outcome: 'lost'; readonly cause: unknown }

export interface SendOnce<Answer> {
  readonly customer: Customer
  /** The stored record of the request: when it was written, and the X-EXTERNAL-ID of its first try. */
  readonly record: { readonly createdAt: number; readonly externalId: string }
  readonly send: (doku: DokuClient, credentials: Credentials) => Promise<Answer>
  /** The customer's token, if the caller has it already. */
  readonly customerToken?: string
  /** Sends it without a customer token if there is none. Default: then nothing is sent. */
  readonly mayBeUnlinked?: boolean
}

/**
 * Sends a request that is written down. Never rejects.
 *
 * "Once" is about the money: if DOKU refuses a token, the session sends the request again with another one, because DOKU
 * has not looked at the first. Only the last request decides the outcome; token errors around it do not.
 */
export async function sendOnce<Answer>(
  session: Session,
  { customer, record, send, customerToken, mayBeUnlinked = false }: SendOnce<Answer>,
): Promise<Sent<Answer>> {
  let last = undefined as Sent<Answer> | undefined
  const run = async (doku: DokuClient, credentials: Credentials): Promise<Answer> => {
    try {
      const answer = await send(doku, { ...credentials, sendBefore: record.createdAt + sendWithinMs })
      last = { outcome: 'answered', answer }
      return answer
    } catch (error) {
      last = sentFrom(error)
      throw error
    }
  }
  try {
    const answer = await (mayBeUnlinked
      ? session.forCustomer(customer, run, record.externalId)
      : session.asCustomer(customer, run, record.externalId, customerToken))
    return { outcome: 'answered', answer }
  } catch (error) {
    return last ?? { outcome: 'not-sent', cause: error }
  }
}

function sentFrom(error: unknown): Sent<never> {
  if (error instanceof DokuError) return { outcome: 'refused', cause: error }
  const isNotSent = error instanceof TransportError && error.loss === 'not-sent'
  return { outcome: isNotSent ? 'not-sent' : 'lost', cause: error }
}

/** A request that DOKU did not accept. An answer about something else is an error: a person must look at it. */
export function logUnaccepted(logger: Logger, cause: unknown, subject: Readonly<Record<string, string>>): void {
  if (cause instanceof AnswerMismatch) logger.error({ err: cause, ...subject }, 'DOKU answered about something else')
  else logger.warn({ err: cause, ...subject }, 'DOKU did not accept the request')
}
