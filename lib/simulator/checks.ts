import { isIPv4 } from 'node:net'
import type { Customer } from './operations/call.ts'
import type { Dialect } from './options.ts'
import { Refusal } from './protocol/answers.ts'
import { CHANNEL, checkFields, type Field, isObject, type JsonObject, PAYMENT_TYPE } from './protocol/bodies.ts'
import { GENERATIONS, type Generation, OPERATIONS, type Received, type Route } from './protocol/routes.ts'
import { isAsymmetricSignature, isSymmetricSignature } from './protocol/signature.ts'
import { parseTimestamp } from './protocol/values.ts'
import type { World } from './world.ts'

/**
 * Checks a token call. DOKU answers every error with 401 00 and one of two reasons.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#3-errors
 */
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

/**
 * Checks any other call, after its headers were found well formed.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#1
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#8
 */
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

/**
 * DOKU's pages send the token with `Bearer `; DOKU's own Node SDK sends it without.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-8
 */
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

/** Reads the body as an object that fits its operation's field table. Unknown fields are allowed. */
export function readBody({ body }: Received, route: Route): JsonObject {
  const parsed = parse(body)
  checkFields(parsed, fieldsOf(route))
  return parsed
}

function parse(body: Buffer): JsonObject {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'))
    if (isObject(parsed)) return parsed
  } catch {}
  throw new Refusal('badRequest')
}

function fieldsOf({ operation, generation }: Route): readonly Field[] {
  const { needsChannel, hasPaymentType } = GENERATIONS[generation]
  const isTypedPayment = operation === 'payment' && hasPaymentType
  return [...(needsChannel ? CHANNEL : []), ...OPERATIONS[operation].fields, ...(isTypedPayment ? PAYMENT_TYPE : [])]
}

interface HeaderRule {
  readonly name: string
  readonly isRequiredIn: (generation: Generation, dialect: Dialect) => boolean
  readonly holds: (value: string) => boolean
}

const always = () => true

const never = () => false

const needsDeviceId = (generation: Generation, { deviceId }: Dialect) =>
  deviceId === 'by-generation' ? GENERATIONS[generation].needsDeviceId : deviceId === 'required'

/**
 * The headers of calls that are signed with the secret, in the order of the checks.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#5-3
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#11
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#12
 */
const TRANSACTION_HEADERS: readonly HeaderRule[] = [
  { name: 'X-TIMESTAMP', isRequiredIn: always, holds: (value) => parseTimestamp(value) !== undefined },
  { name: 'X-SIGNATURE', isRequiredIn: always, holds: always },
  { name: 'X-PARTNER-ID', isRequiredIn: always, holds: always },
  { name: 'X-EXTERNAL-ID', isRequiredIn: always, holds: (value) => /^\d{1,36}$/.test(value) },
  { name: 'X-DEVICE-ID', isRequiredIn: needsDeviceId, holds: (value) => /^[A-Za-z0-9]{1,400}$/.test(value) },
  { name: 'X-IP-ADDRESS', isRequiredIn: never, holds: isIPv4 },
]

export function checkTransactionHeaders({ headers }: Received, generation: Generation, dialect: Dialect): void {
  for (const { name, isRequiredIn, holds } of TRANSACTION_HEADERS) {
    const value = headers[name.toLowerCase()]
    if (!value && isRequiredIn(generation, dialect)) throw new Refusal('invalidMandatoryField', name)
    if (value && !holds(value)) throw new Refusal('invalidFieldFormat', name)
  }
}

/** Every operation needs POST with a JSON body. */
export function checkEnvelope({ method, headers }: Received): void {
  if (method !== 'POST') throw new Refusal('functionNotSupported')
  const type = headers['content-type']
  if (!type) throw new Refusal('invalidMandatoryField', 'Content-Type')
  const mediaType = type.split(';', 1)[0]?.trim().toLowerCase()
  if (mediaType !== 'application/json') throw new Refusal('invalidFieldFormat', 'Content-Type')
}

/** Whether an X-TIMESTAMP is well formed and within the window around the clock. */
function isCurrent(timestamp: string, now: number, windowMs: number): boolean {
  const time = parseTimestamp(timestamp)
  return time !== undefined && Math.abs(now - time) <= windowMs
}
