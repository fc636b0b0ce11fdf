import { createHash, type KeyObject } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { readFileSync, writeFileSync } from 'node:fs'
import { BlockList, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { type Io, UsageError } from './command.ts'

/** Reads a stream to its end. */
export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

/** Reads a file, or standard input for `-`. @throws UsageError that names the file */
export function readInput(io: Io, file: string): Promise<Buffer> | Buffer {
  return file === '-' ? readAll(io.stdin) : readBytes(io, file)
}

/** @throws UsageError that names the file */
export function readText(io: Io, file: string): string {
  return readBytes(io, file).toString('utf8')
}

function readBytes(io: Io, file: string): Buffer {
  try {
    return readFileSync(resolve(io.folder, file))
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? error}`)
  }
}

/**
 * Writes a new file. Never overwrites a file, and never follows a link.
 * @throws UsageError that names the file
 */
export function writeNew(io: Io, file: string, text: string, mode = 0o644): void {
  try {
    writeFileSync(resolve(io.folder, file), text, { mode, flag: 'wx' })
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${(error as NodeJS.ErrnoException).code ?? error}`)
  }
}

/** The version in package.json, which is two folders up from here, in the source and in the build. */
export function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return String(version)
}

/** The fingerprint of a public key, to compare two keys by eye: the SHA-256 of its DER form, as colon-separated hex. */
export function fingerprintOf(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('hex').toUpperCase().match(/../g)?.join(':') ?? ''
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/** Whether every address of a host name, or an address itself, belongs to this machine. False for an unknown name. */
export async function isThisMachine(hostname: string): Promise<boolean> {
  const name = hostname.replace(/^\[(.+)\]$/, '$1')
  const addresses = await lookup(name, { all: true }).catch(() => [])
  return addresses.length > 0 && addresses.every(({ address }) => isOwn(address))
}

function isOwn(address: string): boolean {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') || own.some((one) => one.address === address)
}
