import { ProblemError } from '../errors.ts'
import type { Balance, Customer } from '../model/views.ts'
import { dokuProblem } from './doku-problem.ts'
import type { Session } from './session/session.ts'

/**
 * Asks DOKU for the balance of the customer's own account.
 * @throws ProblemError BINDING_REQUIRED, OVO_REFUSED, DOKU_REFUSED, DOKU_UNAVAILABLE
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-5
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-15
 */
export async function inquireBalance(session: Session, customer: Customer): Promise<Balance> {
  const { accountInfos } = await session
    .asCustomer(customer, (doku, credentials) => doku.inquireBalance(credentials))
    .catch((error) => {
      throw dokuProblem(error)
    })
  const find = (type: string) => {
    const info = accountInfos.find(({ balanceType }) => balanceType === type)
    return info?.availableBalance ?? info?.amount
  }
  const cash = find('CASH')
  const points = find('POINTS')
  if (!cash) throw new ProblemError('DOKU_UNAVAILABLE', 'DOKU answered without a cash balance.')
  return { cash, ...(points && { points }) }
}
