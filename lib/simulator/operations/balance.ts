import { amountOf } from '../protocol/money.ts'
import { GENERATIONS } from '../protocol/routes.ts'

import { customerOf, type Handler } from './call.ts'

const BALANCE_TYPES = ['CASH', 'POINTS'] as const

/** @see protocol.md section 5.5 */
export const inquireBalance: Handler = (_world, call) => {
  const { account } = customerOf(call).binding
  const { hasAvailableBalance } = GENERATIONS[call.route.generation]
  const accountInfos = BALANCE_TYPES.map((balanceType) => {
    const amount = amountOf(account.balances[balanceType])
    return { balanceType, amount, ...(hasAvailableBalance && { availableBalance: amount }) }
  })
  return { accountInfos }
}
