import { isIPv4 } from 'node:net'
import type { Dialect } from '../dialect.ts'
import type { Received } from '../operations/call.ts'
import { Refusal } from '../protocol/answers.ts'
import { GENERATIONS, type Generation } from '../protocol/routes.ts'
import { parseTimestamp } from '../protocol/timestamp.ts'

interface HeaderRule {
  readonly name: string
  readonly isRequiredIn: (generation: Generation, dialect: Dialect) => boolean
  readonly holds: (value: string) => boolean
}

const always = () => true
const never = () => false
const needsDeviceId = (generation: Generation, { deviceId }: Dialect) =>
  deviceId === 'by-generation' ? GENERATIONS[generation].needsDeviceId : deviceId === 'required'

/** Headers of the calls that are signed with the secret, in the order of checking. @see protocol.md sections 5.3, 11, 12 */
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

/** POST, with a JSON body. Every operation asks for that. */
export function checkEnvelope({ method, headers }: Received): void {
  if (method !== 'POST') throw new Refusal('functionNotSupported')
  const type = headers['content-type']
  if (!type) throw new Refusal('invalidMandatoryField', 'Content-Type')
  const mediaType = type.split(';', 1)[0]?.trim().toLowerCase()
  if (mediaType !== 'application/json') throw new Refusal('invalidFieldFormat', 'Content-Type')
}

/** Whether a well-formed X-TIMESTAMP is near enough to the clock. */
export function isCurrent(timestamp: string, now: number, windowMs: number): boolean {
  const time = parseTimestamp(timestamp)
  return time !== undefined && Math.abs(now - time) <= windowMs
}
