import { createPublicKey, generateKeyPair, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv, promisify } from 'node:util'
import { createSimulator, SAMPLE_ACCOUNTS, type Simulator } from '../simulator/index.ts'
import {
  type Command,
  type Environment,
  type ExitCode,
  type Flags,
  type Io,
  numberOf,
  textOf,
  UsageError,
} from './command.ts'
import { variables } from './given.ts'
import { readText, writeNew } from './io.ts'

const usualFile = '.env.simulator'
const usualShop = 'http://127.0.0.1:3000/ovo'
const usualPort = 4100

/** The private key that plays DOKU, for `notify`. Nobody but DOKU has the real one. */
export const simulatorKeyVariable = 'DOKU_SIMULATOR_PRIVATE_KEY'

export const simulator: Command = {
  name: 'simulator',
  summary: 'plays DOKU and OVO on this machine, until Ctrl-C',
  flags: {
    port: {
      value: '<port>',
      says: `the port to listen on, on 127.0.0.1 only; 0 takes any free port; default: the port in the file, or ${usualPort}`,
    },
    shop: {
      value: '<url>',
      says: `the publicUrl of the app to notify; default: the one in the file, or ${usualShop}`,
    },
    file: { value: '<file>', says: `the file of the made-up credentials; default: ${usualFile}` },
  },
  details: `The first start makes up credentials and writes them to the file, which only you can read (0600). Start your app with
node --env-file=${usualFile}. Later starts read the credentials from the file. The command prints one line for each call and
each notification. It keeps nothing but the file: every start has new accounts and no payments.`,
  run: play,
}

async function play(io: Io, flags: Flags): Promise<ExitCode> {
  const file = textOf(flags, 'file') ?? usualFile
  const isNew = !existsSync(resolve(io.folder, file))
  const known = isNew ? await makeUp() : readCredentials(io, file)
  const shop = shopOf(flags, known)
  const wantedPort = numberOf(flags, 'port', portBefore(known), [0, 65_535])
  const doku = createSimulator({ ...identityOf(known, file), log: (line) => io.out(`  ${line}`) })
  const { url } = await listen(doku, wantedPort)
  try {
    doku.setMerchant({ tokenUrl: `${shop}/webhooks/token`, notificationUrl: `${shop}/webhooks/notification` })
    if (isNew) write(io, file, { ...known, [variables.environment]: url, [variables.publicUrl]: shop })
    io.out(howTo({ url, file, shop, isElsewhere: !isNew && known[variables.environment] !== url }))
    await aborted(io.untilStopped())
    io.out('stopped')
    return 0
  } finally {
    await doku.close()
  }
}

/** Resolves when the signal aborts. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** The port in the file. The app knows the simulator by that address. */
function portBefore(known: Environment): number {
  const url = known[variables.environment] ?? ''
  return URL.canParse(url) ? Number(new URL(url).port) : usualPort
}

function shopOf(flags: Flags, known: Environment): string {
  const shop = textOf(flags, 'shop') ?? known[variables.publicUrl] ?? usualShop
  if (URL.canParse(shop) && /^https?:/.test(shop)) return shop.replace(/\/+$/, '')
  throw new UsageError('--shop must be like http://127.0.0.1:3000/ovo')
}

async function listen(doku: Simulator, port: number) {
  try {
    return await doku.listen(port)
  } catch (error) {
    throw new UsageError(
      `port ${port} cannot be used (${(error as NodeJS.ErrnoException).code}); choose another with --port; 0 takes any free port`,
    )
  }
}

async function makeUp(): Promise<Environment> {
  const pair = () =>
    promisify(generateKeyPair)('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
  const [merchant, doku] = await Promise.all([pair(), pair()])
  return {
    [variables.clientId]: 'BRN-0000-0000000000000',
    [variables.secretKey]: `SK-${randomBytes(24).toString('base64url')}`,
    [variables.privateKey]: merchant.privateKey,
    [variables.dokuPublicKey]: doku.publicKey,
    [simulatorKeyVariable]: doku.privateKey,
  }
}

function readCredentials(io: Io, file: string): Environment {
  const known = parseEnv(readText(io, file))
  const needed = [variables.clientId, variables.secretKey, variables.privateKey, simulatorKeyVariable]
  const missing = needed.filter((name) => !known[name])
  if (missing.length === 0) return known
  throw new UsageError(
    `${file} is not a file of the simulator: ${missing.join(', ')} missing; remove it, and the next start makes a new one`,
  )
}

function identityOf(known: Environment, file: string) {
  try {
    return {
      clientId: known[variables.clientId] ?? '',
      secretKey: known[variables.secretKey] ?? '',
      merchantPublicKey: createPublicKey(lines(known[variables.privateKey])),
      dokuPrivateKey: lines(known[simulatorKeyVariable]),
    }
  } catch {
    throw new UsageError(`the keys in ${file} cannot be read; remove it, and the next start makes a new one`)
  }
}

const lines = (pem = '') => pem.replaceAll('\\n', '\n')

function write(io: Io, file: string, values: Environment): void {
  const text = Object.entries(values).map(([name, value = '']) => `${name}="${value.replaceAll('\n', '\\n')}"\n`)
  const head = '# Made up by `express-doku-ovo simulator`. Useless anywhere else.\n'
  writeNew(io, file, head + text.join(''), 0o600)
}

interface Started {
  readonly url: string
  readonly file: string
  readonly shop: string
  /** True when the file has another address, of an earlier start. */
  readonly isElsewhere: boolean
}

function howTo({ url, file, shop, isElsewhere }: Started): string {
  const accounts = SAMPLE_ACCOUNTS.map(({ phoneNo, otp, pin, cash, blocked }) => {
    return `  ${phoneNo}  OTP ${otp}  PIN ${pin}  ${blocked ? 'blocked' : `Rp ${cash}`}`
  })
  const moved = isElsewhere
    ? `\n${file} has another address: set ${variables.environment} to ${url} there, or start with the same --port.`
    : ''
  return `The simulator plays DOKU at ${url}; Ctrl-C stops it.${moved}

Start your app with the variables of ${file} (node --env-file=${file} app.js, or through your own configuration):
  clientId       ${variables.clientId}
  secretKey      ${variables.secretKey}
  privateKey     ${variables.privateKey}
  dokuPublicKey  ${variables.dokuPublicKey}
  environment    { baseUrl: '${url}' }, which is ${variables.environment}
  publicUrl      ${shop}, which is ${variables.publicUrl}
The simulator notifies ${shop}/webhooks/notification, with a token from ${shop}/webhooks/token (--shop).

OVO accounts:
${accounts.join('\n')}
`
}
