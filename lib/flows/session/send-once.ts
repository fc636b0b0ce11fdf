import { type Credentials, type DokuClient, DokuError } from '../../doku/client.ts'
import { TransportError } from '../../doku/transport.ts'
import type { Customer } from '../../model/views.ts'
import { isTooLateToSend } from '../check-schedule.ts'
import type { Ports } from '../ports.ts'
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
}

/**
 * Sends a request that is written down. Never rejects.
 *
 * "Once" is about the money: if DOKU refuses a token, the session sends the request again with another one, because DOKU
 * has not looked at the first. Only the last request decides the outcome; token errors around it do not.
 */
export async function sendOnce<Answer>(
  session: Session,
  { clock }: Pick<Ports, 'clock'>,
  { customer, record, send, customerToken }: SendOnce<Answer>,
): Promise<Sent<Answer>> {
  let last = undefined as Sent<Answer> | undefined
  const run = async (doku: DokuClient, credentials: Credentials): Promise<Answer> => {
    if (isTooLateToSend(record, clock())) throw new Error('the process stood still for too long')
    try {
      const answer = await send(doku, credentials)
      last = { outcome: 'answered', answer }
      return answer
    } catch (error) {
      last = sentFrom(error)
      throw error
    }
  }
  try {
    const answer = await session.asCustomer(customer, run, record.externalId, customerToken)
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
