import { generateKeyPair } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type Command, type ExitCode, type Flags, type Io, textOf, UsageError } from './command.ts'
import { fingerprintOf, writeNew } from './io.ts'

const sizes = ['2048', '3072', '4096']

export const keygen: Command = {
  name: 'keygen',
  summary: 'makes the RSA key pair that DOKU needs, and says where to paste each key',
  flags: {
    out: { value: '<folder>', says: 'the folder of the two files; default: the current folder' },
    bits: { value: '<bits>', says: `${sizes.join(', ')}; default: 2048, as on DOKU's pages` },
  },
  details: `Writes doku-private.pem, which only you can read (0600), and doku-public.pem. Never overwrites a key, because nothing can
restore it. If DOKU_PRIVATE_KEY_PASSPHRASE is set, it encrypts the private key.`,
  run: makeKeys,
}

async function makeKeys(io: Io, flags: Flags): Promise<ExitCode> {
  const folder = textOf(flags, 'out') ?? '.'
  const privateFile = join(folder, 'doku-private.pem')
  const publicFile = join(folder, 'doku-public.pem')
  for (const file of [privateFile, publicFile]) refuseToOverwrite(io, file)
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: bitsOf(flags) })
  const passphrase = io.environment.DOKU_PRIVATE_KEY_PASSPHRASE
  const encryption = passphrase ? { cipher: 'aes-256-cbc', passphrase } : {}
  writeNew(io, privateFile, privateKey.export({ type: 'pkcs8', format: 'pem', ...encryption }).toString(), 0o600)
  writeNew(io, publicFile, publicKey.export({ type: 'spki', format: 'pem' }).toString(), 0o644)
  io.out(
    instructions({ privateFile, publicFile, fingerprint: fingerprintOf(publicKey), isEncrypted: Boolean(passphrase) }),
  )
  return 0
}

function bitsOf(flags: Flags): number {
  const text = textOf(flags, 'bits') ?? '2048'
  if (!sizes.includes(text)) throw new UsageError(`--bits must be one of ${sizes.join(', ')}`)
  return Number(text)
}

function refuseToOverwrite(io: Io, file: string): void {
  if (existsSync(resolve(io.folder, file))) {
    throw new UsageError(`${file} exists and is not overwritten; move it away, or choose another folder: --out`)
  }
}

interface Made {
  readonly privateFile: string
  readonly publicFile: string
  readonly fingerprint: string
  readonly isEncrypted: boolean
}

/**
 * The names are those of DOKU's dashboard.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#13
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-3
 */
function instructions({ privateFile, publicFile, fingerprint, isEncrypted }: Made): string {
  return `Written:
  ${privateFile}   the private key${isEncrypted ? ', encrypted' : ''}: keep it with your other secrets, never in git
  ${publicFile}    the public key, fingerprint SHA-256 ${fingerprint}

In DOKU's dashboard, Settings › API Keys (older: Integration), once for the sandbox and once for production:
  Client ID             copy it into DOKU_CLIENT_ID              (option clientId)
  Secret Key            copy it into DOKU_SECRET_KEY             (option secretKey); DOKU shows it for 30 seconds after an OTP
  SNAP:
    Merchant Public Key paste the whole of ${publicFile}
    DOKU Public Key     copy it into DOKU_PUBLIC_KEY             (option dokuPublicKey)
    Token URL           {publicUrl}/webhooks/token
In Settings › Payment Settings › Direct Debit SNAP / e-Wallet › CONFIGURE:
    Notification URL    {publicUrl}/webhooks/notification

In your app:
  DOKU_PRIVATE_KEY      the whole of ${privateFile}              (option privateKey)
  OVO_PUBLIC_URL        {publicUrl}: the public URL of the router, for example https://shop.example/ovo

Then: npx express-doku-ovo doctor`
}
