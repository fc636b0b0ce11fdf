import { type Api, apis } from 'express-doku-ovo'
import { DemoError } from './demo-error.ts'
import type { KeepingWanted } from './keeping.ts'
import type { Dashboard } from './server.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** The settings from the environment. Without `sandbox` the simulator plays DOKU. */
export interface Wanted {
  readonly port: number
  readonly api: Api | undefined
  readonly sandbox: Sandbox | undefined
  readonly keeping: KeepingWanted
}

/** DOKU's sandbox: the public URL of the shop, and the merchant's credentials. */
interface Sandbox {
  readonly url: string
  readonly dashboard: Dashboard
}

const required = ['DOKU_CLIENT_ID', 'DOKU_SECRET_KEY', 'DOKU_PRIVATE_KEY', 'DOKU_PUBLIC_KEY', 'PUBLIC_URL'] as const

const optional = ['DOKU_PRIVATE_KEY_PASSPHRASE'] as const

/**
 * Adds the variables of a file to the process's own, which go first. The default file is optional.
 * @throws DemoError when a named file cannot be read
 */
export function loadEnvironment(file: string | undefined): Variables {
  try {
    process.loadEnvFile(file ?? '.env')
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (file !== undefined || !isAbsent) throw new DemoError(`${file ?? '.env'} cannot be read.`, { cause: error })
  }
  return process.env
}

/**
 * @param folder where to keep the state, if no database server is set
 * @throws DemoError that names every variable that is missing or wrong
 */
export function readEnvironment(variables: Variables, folder?: string): Wanted {
  const api = readApi(variables.DOKU_API)
  const keeping = {
    folder,
    databaseUrl: readUrl(variables, 'DATABASE_URL', ['postgres:', 'postgresql:']),
    redisUrl: readUrl(variables, 'REDIS_URL', ['redis:', 'rediss:']),
  }
  return { port: readPort(variables.PORT), api, sandbox: readSandbox(variables, api), keeping }
}

/** The error does not quote the value, because it can contain a password. */
function readUrl(variables: Variables, name: string, protocols: readonly string[]): string | undefined {
  const text = variables[name]
  if (!text) return undefined
  if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text
  throw new DemoError(`${name} must begin with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}.`)
}

function readPort(text: string | undefined): number {
  const port = Number(text || 3000)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new DemoError(`PORT is ${text}; it must be a number from 0 to 65535.`)
}

function readApi(text: string | undefined): Api | undefined {
  if (!text) return undefined
  const names = Object.keys(apis) as Api[]
  const api = names.find((name) => name === text)
  if (api) return api
  throw new DemoError(`DOKU_API is ${text}; it must be ${names.join(' or ')}.`)
}

function readSandbox(variables: Variables, api: Api | undefined): Sandbox | undefined {
  const given = [...required, ...optional].filter((name) => variables[name])
  if (given.length === 0) return undefined
  const missing = required.filter((name) => !variables[name])
  if (missing.length > 0) {
    const way = 'Set them as demo/.env.example says, or clear all of them to use the simulator.'
    throw new DemoError(`For DOKU's sandbox, these variables are missing: ${missing.join(', ')}.\n${way}`)
  }
  return { url: readPublicUrl(variables.PUBLIC_URL ?? ''), dashboard: readDashboard(variables, api) }
}

function readPublicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href) return url.origin
  throw new DemoError(`PUBLIC_URL is ${text}; it must be like https://my-tunnel.example, without a path.`)
}

function readDashboard(variables: Variables, api: Api | undefined): Dashboard {
  const passphrase = variables.DOKU_PRIVATE_KEY_PASSPHRASE
  return {
    environment: 'sandbox',
    clientId: variables.DOKU_CLIENT_ID ?? '',
    secretKey: variables.DOKU_SECRET_KEY ?? '',
    privateKey: variables.DOKU_PRIVATE_KEY ?? '',
    dokuPublicKey: variables.DOKU_PUBLIC_KEY ?? '',
    ...(passphrase && { privateKeyPassphrase: passphrase }),
    ...(api && { api }),
  }
}
