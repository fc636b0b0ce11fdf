import { createHash, type KeyObject } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { readFileSync, writeFileSync } from 'node:fs'
import { BlockList, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { type Io, UsageError } from './command.ts'

export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

/** Of a public key, to compare two by eye: SHA-256 of its DER form, as colon-separated hex. */
export function fingerprintOf(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('hex').toUpperCase().match(/../g)?.join(':') ?? ''
}

const loopback = new BlockList()

loopback.addSubnet('127.0.0.0', 8)

loopback.addAddress('::1', 'ipv6')

function isLoopback(address: string): boolean {
  return loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

function isOwn(address: string): boolean {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return isLoopback(address) || own.some((one) => one.address === address)
}

/** Whether a host name, or address, is this machine under every address that it has. An unknown one is not. */
export async function isThisMachine(hostname: string): Promise<boolean> {
  const name = hostname.replace(/^\[(.+)\]$/, '$1')
  const addresses = await lookup(name, { all: true }).catch(() => [])
  return addresses.length > 0 && addresses.every(({ address }) => isOwn(address))
}
/** Resolves when the signal aborts. */
export function until(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** As package.json has it, which is two folders up from here, compiled or not. */
export function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return String(version)
}

/**
 * Writes a file that must not be there yet: not over one that came meanwhile, and not through a link.
 * @throws UsageError naming the file
 */
export function writeNew(io: Io, file: string, text: string, mode = 0o644): void {
  try {
    writeFileSync(resolve(io.folder, file), text, { mode, flag: 'wx' })
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${(error as NodeJS.ErrnoException).code ?? error}`)
  }
}
