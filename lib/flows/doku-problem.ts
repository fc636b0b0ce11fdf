import { DokuError } from '../doku/client.ts'
import { TransportError } from '../doku/transport.ts'
import { ProblemError } from '../errors.ts'

const unavailable = 'DOKU did not answer as it should. Nothing was changed here; try again in a moment.'

/** SNAP's prefix, which tells a customer nothing. */
const prefix = /^(Transaction Not Permitted|Unauthorized)\.?\s*/i

/**
 * What a customer is told when DOKU did not do what was asked. Not for payments: there, only the payment's own state
 * says what became of the money. Other errors pass unchanged.
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

/** The messages are known from production and meant for people. @see protocol.md §5.4 */
function refusal({ responseMessage, responseCode }: DokuError): string {
  return `${responseMessage.replace(prefix, '') || responseMessage} (${responseCode})`
}
