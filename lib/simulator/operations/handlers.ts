import { GENERATIONS, type OperationName } from '../protocol/routes.ts'
import { amountOf } from '../protocol/values.ts'
import { bind, unbind } from './binding.ts'
import { customerOf, type Handler } from './call.ts'
import { pay } from './payment.ts'
import { refund } from './refund.ts'
import { checkStatus } from './status.ts'
import { issueAccessToken, issueCustomerToken } from './tokens.ts'

const BALANCE_TYPES = ['CASH', 'POINTS'] as const

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-5 */
const inquireBalance: Handler = (_world, call) => {
  const { account } = customerOf(call).binding
  const { hasAvailableBalance } = GENERATIONS[call.route.generation]
  const accountInfos = BALANCE_TYPES.map((balanceType) => {
    const amount = amountOf(account.balances[balanceType])
    return { balanceType, amount, ...(hasAvailableBalance && { availableBalance: amount }) }
  })
  return { accountInfos }
}

export const HANDLERS: Readonly<Record<OperationName, Handler>> = {
  'access-token': issueAccessToken,
  'customer-token': issueCustomerToken,
  binding: bind,
  balance: inquireBalance,
  payment: pay,
  status: checkStatus,
  refund,
  unbinding: unbind,
}
