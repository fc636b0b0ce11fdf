import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { clientId, dokuKeys, merchantKeys, secretKey } from '../../support/keys.ts'
import { workFolder } from './installed.ts'

/** The environment of a merchant, as the command line reads it. */
export function merchantEnvironment(values: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    DOKU_CLIENT_ID: clientId,
    DOKU_SECRET_KEY: secretKey,
    DOKU_PRIVATE_KEY: merchantKeys.privateKey.replaceAll('\n', '\\n'),
    DOKU_PUBLIC_KEY: dokuKeys.publicKey.replaceAll('\n', '\\n'),
    ...values,
  }
}

/** A folder with an `ovo.mjs` that exports the options of the environment, and what is added here as source text. */
export function optionsModule(baseUrl: string, publicUrl: string, more = ''): string {
  const folder = workFolder()
  const source = `import { memoryStorage } from 'express-doku-ovo'
    export const options = {
      clientId: '${clientId}',
      secretKey: ${JSON.stringify(secretKey)},
      privateKey: ${JSON.stringify(merchantKeys.privateKey)},
      dokuPublicKey: ${JSON.stringify(dokuKeys.publicKey)},
      environment: { baseUrl: '${baseUrl}' },
      publicUrl: '${publicUrl}',
      identify: () => undefined,
      findOrder: () => undefined,
      storage: memoryStorage(),
      ${more}
    }`
  writeFileSync(join(folder, 'ovo.mjs'), source)
  return folder
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
