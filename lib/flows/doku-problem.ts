import { DokuError } from '../doku/client.ts'
import { TransportError } from '../doku/transport.ts'
import { ProblemError } from '../errors.ts'

const unavailable = 'DOKU did not answer as it should. Nothing was changed here; try again in a moment.'

/** SNAP puts this before its message. It tells a customer nothing. */
const prefix = /^(Transaction Not Permitted|Unauthorized)\.?\s*/i

/**
 * Turns an error of a request to DOKU into the problem for the customer. Other errors pass unchanged. Do not use it for
 * the answer to a payment request: only the payment's own status says where the money is.
 */
export function dokuProblem(error: unknown): unknown {
  if (error instanceof TransportError) return new ProblemError('DOKU_UNAVAILABLE', unavailable, { cause: error })
  if (!(error instanceof DokuError)) return error
  switch (error.meaning) {
    case 'declined':
    case 'cancelled':
    case 'duplicate':
      return new ProblemError('OVO_REFUSED', refusal(error), { cause: error })
    case 'in-progress':
    case 'too-many-requests':
    case 'unknown':
      return new ProblemError('DOKU_UNAVAILABLE', unavailable, { cause: error })
    default:
      return new ProblemError('DOKU_REFUSED', `DOKU answered ${error.responseCode}.`, { cause: error })
  }
}

/**
 * DOKU's message, because OVO writes it for people.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-4
 */
function refusal({ responseMessage, responseCode }: DokuError): string {
  return `${responseMessage.replace(prefix, '') || responseMessage} (${responseCode})`
}
