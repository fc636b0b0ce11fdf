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

/** Of every command that needs credentials. */
export const givenFlags = {
  options: {
    value: '<module>',
    says: 'the app’s own options: a module that exports `options`, or a function that makes them',
  },
  env: { value: '<file>', says: 'reads variables from a file; those of the environment win' },
} as const satisfies Record<string, Flag>

/** The variables that stand for options. */
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
DOKU_ENVIRONMENT is sandbox (the default), production, or the address of a simulator. Keys are PEM, line ends may be written
as \\n. OVO_PUBLIC_URL is the option publicUrl: where the world reaches the router, with its path.`

/** What the person has given: options, complete or not, and the variables around them. */
export interface Given {
  readonly options: Partial<DokuOvoOptions>
  /** The options came from a module, as the app has them. */
  readonly isModule: boolean
  readonly environment: Environment
}

/** @throws UsageError when a file cannot be read, or a module exports no options */
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
    `${name} has to export options, or a function that makes them: export const options = { clientId, … }`,
  )
}

/** Only the app knows these, and no command calls them. */
const standIns = { identify: () => undefined, findOrder: () => undefined }

/** All options, checked. @throws ConfigurationError that names the variables, where there is no module */
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

/** How the person would give an option: `DOKU_CLIENT_ID`, or `clientId in the options`. */
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

/** @throws UsageError saying what is wrong with which key */
export function dokuKeysOf(given: Given): KeyObject[] {
  return [requireOption(given, 'dokuPublicKey')]
    .flat()
    .map((key) => readKey('dokuPublicKey', () => parsePublicKey(key)))
}

/** @throws UsageError saying what is wrong with it */
export function privateKeyOf(given: Given): KeyObject {
  const key = requireOption(given, 'privateKey')
  return readKey('privateKey', () => parsePrivateKey(key, given.options.privateKeyPassphrase))
}

function readKey(name: string, parse: () => KeyObject): KeyObject {
  try {
    return parse()
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(`${name}: ${error.message}`) : error
  }
}

/** All secret keys, the newest first. */
export function secretKeysOf(given: Given): readonly [string, ...string[]] {
  const value = requireOption(given, 'secretKey')
  const [newest, ...older] = typeof value === 'string' ? [value] : value
  if (typeof newest !== 'string') throw new UsageError('secretKey is an empty list')
  return [newest, ...older]
}
