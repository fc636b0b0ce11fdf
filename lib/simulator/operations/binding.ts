import { Refusal } from '../protocol/answers.ts'
import { requiredText } from '../protocol/bodies.ts'
import type { Account } from '../state/accounts.ts'
import type { Binding } from '../state/bindings.ts'
import { pageUrl, type World } from '../world.ts'
import type { Call, Handler } from './call.ts'

/**
 * Starts a binding. The answer has the authCode, which works after the customer has agreed on the page.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-4
 */
export const bind: Handler = (world, call) => {
  const custIdMerchant = requiredText(call.body, 'additionalInfo.custIdMerchant')
  const account = bindableAccount(world, requiredText(call.body, 'phoneNo'), custIdMerchant)
  const binding = newBinding(world, call, account, custIdMerchant)
  world.bindings.add(binding)
  return {
    referenceNo: world.ids.digits(12),
    redirectUrl: pageUrl(world, 'binding', binding.generation, binding.id),
    additionalInfo: { custIdMerchant, accountStatus: 'PENDING', authCode: binding.authCode },
  }
}

function newBinding(
  { ids, settings }: World,
  { body, headers, route }: Call,
  account: Account,
  custIdMerchant: string,
): Binding {
  return {
    id: ids.digits(40),
    authCode: ids.digits(32),
    externalId: headers['x-external-id'] ?? '',
    custIdMerchant,
    account,
    generation: route.generation,
    successUrl: requiredText(body, 'additionalInfo.successRegistrationUrl'),
    failedUrl: requiredText(body, 'additionalInfo.failedRegistrationUrl'),
    createdAt: settings.clock(),
    status: 'awaiting-otp',
  }
}

/** The messages are those that merchants have seen. One customer links one account at a time. */
function bindableAccount({ accounts, bindings }: World, phoneNo: string, custIdMerchant: string): Account {
  const account = accounts.get(phoneNo)
  if (!account) throw notPermitted('OVO account not available please register to ovo')
  if (account.blocked) throw notPermitted('OVO account blocked temporary')
  const isTaken = account.linkedTo !== undefined && account.linkedTo !== custIdMerchant
  if (isTaken) throw notPermitted('OVO account already registered by another customer')
  if (bindings.linkedOf(custIdMerchant)) throw notPermitted('Account Already Registered')
  return account
}

function notPermitted(reason: string): Refusal {
  return new Refusal('transactionNotPermitted', reason)
}

/**
 * Ends the binding that `tokenId`, a customer token, speaks for.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-7
 */
export const unbind: Handler = (world, { body }) => {
  const binding = world.tokens.bindingOf(requiredText(body, 'tokenId'))
  if (!binding) throw new Refusal('invalidCustomerToken')
  world.bindings.unlink(binding)
  return { referenceNo: world.ids.digits(32) }
}
