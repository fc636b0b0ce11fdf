import { lookup } from 'node:dns/promises'
import { BlockList, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'

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
