import type { OperationName } from '../protocol/routes.ts'
import { inquireBalance } from './balance.ts'
import { bind, unbind } from './binding.ts'
import type { Handler } from './call.ts'
import { pay } from './payment.ts'
import { refund } from './refund.ts'
import { checkStatus } from './status.ts'
import { issueAccessToken, issueCustomerToken } from './tokens.ts'

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
