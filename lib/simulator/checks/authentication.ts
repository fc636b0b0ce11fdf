import type { Customer, Received } from '../operations/call.ts'
import { Refusal } from '../protocol/answers.ts'
import { isAsymmetricSignature, isSymmetricSignature } from '../protocol/signature.ts'
import type { World } from '../world.ts'
import { isCurrent } from './headers.ts'

/** Token calls: whatever is wrong, DOKU answers 401 00 with one of two reasons. @see protocol.md section 3, "Errors" */
export function authenticateTokenCall({ settings }: World, { headers }: Received): void {
  const { clientId, merchantPublicKey, clock, timestampWindowMs } = settings
  const timestamp = headers['x-timestamp'] ?? ''
  const isKnown = headers['x-client-key'] === clientId && isCurrent(timestamp, clock(), timestampWindowMs)
  if (!isKnown) throw new Refusal('unauthorized', 'Unknown Client')
  const signature = headers['x-signature'] ?? ''
  if (!isAsymmetricSignature(signature, merchantPublicKey, clientId, timestamp)) {
    throw new Refusal('unauthorized', 'Signature')
  }
}

/** All other calls, once their headers are known to be well formed. @see protocol.md sections 1 and 8 */
export function authenticateTransaction(world: World, received: Received): void {
  const { clientId, clock, timestampWindowMs } = world.settings
  const { headers } = received
  if (headers['x-partner-id'] !== clientId) throw new Refusal('unauthorized', 'Unknown Client')
  if (!isCurrent(headers['x-timestamp'] ?? '', clock(), timestampWindowMs)) {
    throw new Refusal('unauthorized', 'X-TIMESTAMP')
  }
  const accessToken = checkAccessToken(world, headers.authorization)
  if (!isSignedWith(accessToken, world, received)) throw new Refusal('unauthorized', 'Signature')
}

function checkAccessToken({ tokens }: World, authorization: string | undefined): string {
  if (!authorization) throw new Refusal('tokenNotFound')
  const token = /^bearer (.+)$/i.exec(authorization)?.[1] ?? ''
  if (!tokens.isAccessToken(token)) throw new Refusal('invalidToken')
  return token
}

function isSignedWith(accessToken: string, { settings }: World, { method, target, headers, body }: Received): boolean {
  const timestamp = headers['x-timestamp'] ?? ''
  const parts = { method, target, accessToken, body, timestamp }
  return isSymmetricSignature(headers['x-signature'] ?? '', settings.secretKey, parts)
}

/** The token comes with `Bearer ` by the book, and without it from DOKU's own Node SDK (protocol.md C-8). */
export function findCustomer({ tokens, settings }: World, { headers }: Received): Customer {
  const header = headers['authorization-customer']
  if (!header) throw new Refusal('customerTokenNotFound')
  const spelling = /^bearer /i.test(header) ? 'with-bearer' : 'bare'
  if (!['either', spelling].includes(settings.dialect.customerToken)) throw new Refusal('invalidCustomerToken')
  const token = header.replace(/^bearer /i, '')
  const binding = tokens.bindingOf(token)
  if (!binding) throw new Refusal('invalidCustomerToken')
  return { binding, token }
}
