import type { KeyObject } from 'node:crypto'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseEnv } from 'node:util'
import { parsePrivateKey, parsePublicKey } from '../doku/keys.ts'
import { ConfigurationError } from '../errors.ts'
import type { DokuOvoOptions, Settings } from '../options/options.ts'
import { parseOptions } from '../options/settings.ts'
import { type Environment, type Flag, type Flags, type Io, textOf, UsageError } from './command.ts'
import { readText } from './io.ts'

/** The flags of every command that needs credentials. */
export const givenFlags = {
  options: {
    value: '<module>',
    says: 'the app’s own options: a module that exports `options`, or a function that returns them',
  },
  env: { value: '<file>', says: 'reads variables from a file; variables of the environment go first' },
} as const satisfies Record<string, Flag>

/** The environment variable of each option. */
export const variables = {
  clientId: 'DOKU_CLIENT_ID',
  secretKey: 'DOKU_SECRET_KEY',
  privateKey: 'DOKU_PRIVATE_KEY',
  privateKeyPassphrase: 'DOKU_PRIVATE_KEY_PASSPHRASE',
  dokuPublicKey: 'DOKU_PUBLIC_KEY',
  environment: 'DOKU_ENVIRONMENT',
  api: 'DOKU_API',
  publicUrl: 'OVO_PUBLIC_URL',
} as const satisfies Partial<Record<keyof DokuOvoOptions, string>>

type Named = keyof typeof variables

/** For the help of commands. */
export const variablesHelp = `Variables: ${Object.values(variables).join(', ')}.
DOKU_ENVIRONMENT is sandbox (the default), production, or the URL of a simulator. Keys are PEM; \\n may stand for a line end.
OVO_PUBLIC_URL is the option publicUrl: the public URL of the router, with its path.`

/** The input of a command: options, complete or not, and all environment variables. */
export interface Given {
  readonly options: Partial<DokuOvoOptions>
  /** True when the options came from a module, as in the app. False when they came from variables. */
  readonly isModule: boolean
  readonly environment: Environment
}

/** Reads the options. @throws UsageError when a file cannot be read, or a module exports no options */
export async function readGiven(io: Io, flags: Flags): Promise<Given> {
  const environment = readEnvironment(io, textOf(flags, 'env'))
  const module = textOf(flags, 'options')
  if (module === undefined) return { options: fromEnvironment(environment), isModule: false, environment }
  return { options: await fromModule(resolve(io.folder, module), module), isModule: true, environment }
}

function readEnvironment(io: Io, file: string | undefined): Environment {
  if (file === undefined) return io.environment
  return { ...parseEnv(readText(io, file)), ...io.environment }
}

function fromEnvironment(environment: Environment): Partial<DokuOvoOptions> {
  const set = Object.entries(variables).flatMap(([name, variable]) => {
    const value = environment[variable]
    return value ? [[name, value] as const] : []
  })
  const given: Record<string, unknown> = { environment: 'sandbox', ...Object.fromEntries(set) }
  const isAddress = /^https?:/.test(String(given.environment))
  if (isAddress) given.environment = { baseUrl: given.environment }
  return given as Partial<DokuOvoOptions>
}

async function fromModule(path: string, name: string): Promise<Partial<DokuOvoOptions>> {
  let module: Record<string, unknown>
  try {
    module = await import(pathToFileURL(path).href)
  } catch (error) {
    throw new UsageError(`${name} cannot be loaded: ${(error as Error).message}`)
  }
  const main = module.default as Record<string, unknown> | undefined
  const exported = module.options ?? main?.options ?? main
  const options = typeof exported === 'function' ? await exported() : exported
  if (typeof options === 'object' && options !== null) return options
  throw new UsageError(
    `${name} must export options, or a function that returns them: export const options = { clientId, … }`,
  )
}

/** Only the app has these two functions. No command calls them. */
const standIns = { identify: () => undefined, findOrder: () => undefined }

/** Checks all options. @throws ConfigurationError, which names the variables unless the options came from a module */
export function settingsOf({ options, isModule }: Given): Settings {
  if (isModule) return parseOptions(options as DokuOvoOptions)
  try {
    return parseOptions({ ...standIns, ...options } as DokuOvoOptions)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    throw new ConfigurationError(error.problems.map(withVariable))
  }
}

function withVariable(problem: string): string {
  const [place = ''] = problem.split(':', 1)
  const name = place.split('.')[0] ?? ''
  return isNamed(name) ? problem.replace(place, `${place} (${variables[name]})`) : problem
}

function isNamed(name: string): name is Named {
  return Object.hasOwn(variables, name)
}

/** How to give an option, for an error message. */
function wayToGive({ isModule }: Given, name: Named): string {
  return isModule
    ? `${name} in the module of --options`
    : `${variables[name]} in the environment, or --options <module>`
}

/** @throws UsageError when it is missing */
export function requireOption<Name extends Named>(given: Given, name: Name): NonNullable<DokuOvoOptions[Name]> {
  const value = given.options[name]
  if (value === undefined || value === '') throw new UsageError(`${name} is missing: give ${wayToGive(given, name)}`)
  return value as NonNullable<DokuOvoOptions[Name]>
}

/** @throws UsageError that names the key and its problem */
export function dokuKeysOf(given: Given): KeyObject[] {
  return [requireOption(given, 'dokuPublicKey')]
    .flat()
    .map((key) => readKey('dokuPublicKey', () => parsePublicKey(key)))
}

/** The merchant's private keys, the newest first. @throws UsageError that names the problem */
export function privateKeysOf(given: Given): readonly [KeyObject, ...KeyObject[]] {
  const [newest, ...older] = [requireOption(given, 'privateKey')]
    .flat()
    .map((key) => readKey('privateKey', () => parsePrivateKey(key, given.options.privateKeyPassphrase)))
  if (!newest) throw new UsageError('privateKey is an empty list')
  return [newest, ...older]
}

function readKey(name: string, parse: () => KeyObject): KeyObject {
  try {
    return parse()
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(`${name}: ${error.message}`) : error
  }
}

/** All secret keys, newest first. */
export function secretKeysOf(given: Given): readonly [string, ...string[]] {
  const value = requireOption(given, 'secretKey')
  const [newest, ...older] = typeof value === 'string' ? [value] : value
  if (typeof newest !== 'string') throw new UsageError('secretKey is an empty list')
  return [newest, ...older]
}
