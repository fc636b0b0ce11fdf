import { createPublicKey, type KeyObject, randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { type EndpointOverrides, resolveEndpoints } from '../doku/api.ts'
import { type KeyInput, parsePrivateKey, parsePublicKey } from '../doku/keys.ts'
import { sha256Hex } from '../doku/signature.ts'
import { ConfigurationError } from '../errors.ts'
import type { Hooks } from '../model/events.ts'
import { BoundedMap } from '../primitives/bounded-map.ts'
import { type Clock, monotonicClock, systemClock } from '../primitives/clock.ts'
import { closest } from '../primitives/closest.ts'
import { routeNames } from '../routes/table.ts'
import { type KeyvLike, keyvStorage } from '../storage/keyv/keyv.ts'
import { memoryStorage } from '../storage/memory.ts'
import type { Storage } from '../storage/storage.ts'
import type { Warnings } from '../warnings.ts'
import type { DokuOvoOptions, Settings } from './options.ts'
import { type NewestFirst, placeOf } from './rotation.ts'
import { hookNames, isStorage, keyInput, operations, optionsSchema } from './schema.ts'

/**
 * Checks and completes the options.
 * @throws ConfigurationError with every problem at once
 */
export function parseOptions(options: DokuOvoOptions): Settings {
  const given: Partial<DokuOvoOptions> = typeof options === 'object' && options !== null ? options : {}
  const { success, data, error } = optionsSchema.safeParse(options, { error: missing })
  const problems = success ? [] : error.issues.flatMap(describe)
  const privateKeys = readKeys(problems, 'privateKey', given.privateKey, (key) =>
    parsePrivateKey(key, given.privateKeyPassphrase),
  )
  const isOwn = (key: KeyObject) => privateKeys.some((own) => createPublicKey(own).equals(key))
  const refuseOwn = (key: KeyObject) => (isOwn(key) ? ownKey : undefined)
  const dokuPublicKeys = readKeys(problems, 'dokuPublicKey', given.dokuPublicKey, parsePublicKey, refuseOwn)
  const [privateKey, ...olderKeys] = privateKeys
  const storage = data && toStorage(data.storage, data.clock)
  if (data?.requireCluster && storage?.scope === 'process') {
    problems.push(
      'requireCluster: the storage is for one process only; give redisStorage(client) or postgresStorage(pool)',
    )
  }
  if (given.environment === 'production' && given.randomBytes !== undefined) {
    problems.push('randomBytes: is for tests only; in production leave it out, so that no two ids are alike')
  }
  if (!storage || !privateKey || problems.length > 0) throw new ConfigurationError(problems)
  return Object.freeze(complete(data, storage, [privateKey, ...olderKeys], dokuPublicKeys))
}

/** @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#0 */
const baseUrls = { sandbox: 'https://api-sandbox.doku.com', production: 'https://api.doku.com' } as const

function complete(
  { secretKey: secretKeys, privateKey: _own, dokuPublicKey: _dokus, ...parsed }: z.output<typeof optionsSchema>,
  storage: Storage,
  privateKeys: NewestFirst<KeyObject>,
  dokuPublicKeys: readonly KeyObject[],
): Settings {
  const { environment, endpoints, encryptionKeys } = parsed
  const isCustom = typeof environment === 'object'
  return {
    ...parsed,
    secretKey: secretKeys[0],
    secretKeys,
    privateKey: privateKeys[0],
    privateKeys,
    dokuPublicKeys,
    environment: isCustom ? 'custom' : environment,
    baseUrl: isCustom ? new URL(environment.baseUrl).origin : baseUrls[environment],
    endpoints: resolveEndpoints(parsed.api, endpoints as EndpointOverrides),
    storage,
    authorizeRefund: parsed.authorizeRefund,
    hooks: parsed.hooks as Hooks,
    encryptionKeys: encryptionKeys ?? vaultKeysOf(secretKeys),
    dispatcher: parsed.dispatcher,
    // A test's clock stands for both, so that it moves them together.
    monotonic: parsed.clock === systemClock ? monotonicClock : parsed.clock,
    processId: randomUUID(),
  }
}

function toStorage(storage: Storage | KeyvLike | undefined, clock: Clock): Storage {
  if (storage === undefined) return memoryStorage({ clock })
  return isStorage(storage) ? storage : keyvStorage(storage, { clock })
}

/** One key for each secret, so that values sealed with an older secret still open. */
function vaultKeysOf(secretKeys: NewestFirst<string>): string[] {
  return secretKeys.map((secretKey) => sha256Hex(`express-doku-ovo vault ${secretKey}`))
}

const ownKey = "this is the merchant's own public key; copy the DOKU Public Key from the dashboard"

/** Reads a key, or a list of keys during a rotation. Problems join the list. */
function readKeys(
  problems: string[],
  name: string,
  given: unknown,
  parse: (input: KeyInput) => KeyObject,
  problemOf: (key: KeyObject) => string | undefined = () => undefined,
): KeyObject[] {
  const inputs: readonly unknown[] = Array.isArray(given) ? given : [given]
  const keys: KeyObject[] = []
  for (const [index, input] of inputs.entries()) {
    const place = placeOf(name, inputs, index)
    const key = readKey(problems, place, input, parse)
    if (!key) continue
    const problem = problemOf(key)
    if (problem) problems.push(`${place}: ${problem}`)
    // The schema finds the same text twice. This finds one key in two spellings.
    const isSame = keys.some((other) => other.equals(key)) && inputs.indexOf(input) === index
    if (isSame) problems.push(`${place}: is there twice`)
    keys.push(key)
  }
  return keys
}

/** Parses one key. A problem joins the list, unless the schema has reported it already. */
function readKey(
  problems: string[],
  name: string,
  value: unknown,
  parse: (input: KeyInput) => KeyObject,
): KeyObject | undefined {
  if (!keyInput.safeParse(value).success) return undefined
  try {
    return parse(value as KeyInput)
  } catch (error) {
    problems.push(`${name}: ${(error as Error).message}`)
    return undefined
  }
}

const missing = (issue: { input?: unknown }) => (issue.input === undefined ? 'is missing' : undefined)

/** Describes an issue in the host's words. */
function describe(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue.path, issue.keys)
  return [`${issue.path.map(String).join('.') || 'options'}: ${issue.message}`]
}

/** Names each unknown key, and the known one that is nearest to it. */
function unknownKeys(path: readonly PropertyKey[], keys: readonly string[]): string[] {
  const known: Record<string, readonly string[]> = {
    '': Object.keys(optionsSchema.shape),
    endpoints: operations,
    routes: routeNames,
    hooks: hookNames,
  }
  return keys.map((key) => {
    const meant = closest(key, known[path.join('.')] ?? [])
    return `${[...path, key].join('.')}: there is no such option${meant ? `; did you mean ${meant}?` : ''}`
  })
}

interface CheckedSettings extends Pick<Settings, 'environment' | 'publicUrl'> {
  readonly storageScope: Storage['scope']
}

/** Warns about mistakes of the host that the options alone show. */
export function checkSettings({ environment, storageScope, publicUrl }: CheckedSettings, warnings: Warnings): void {
  if (environment !== 'production') return
  if (storageScope === 'process') warnings.raise('STORAGE_PROCESS_SCOPE')
  if (publicUrl.startsWith('http:')) warnings.raise('PUBLIC_URL_INSECURE')
}

interface Burst {
  readonly since: number
  readonly count: number
}

/** A restart or a test makes a few routers. A request handler that makes one each time soon makes more. */
const instancesAtMost = 5

const burstMs = 10_000

/** Notices that a host makes one merchant's router again and again. Each router has its own connections and timers. */
export class InstanceWatch {
  readonly #bursts = new BoundedMap<Burst>(1000)

  /** Counts one more router. @returns true for the first one that is too many in a burst */
  add(clientId: string, now: number): boolean {
    const last = this.#bursts.get(clientId)
    const goesOn = last !== undefined && now >= last.since && now < last.since + burstMs
    const burst = goesOn ? { since: last.since, count: last.count + 1 } : { since: now, count: 1 }
    this.#bursts.set(clientId, burst)
    return burst.count === instancesAtMost + 1
  }
}
