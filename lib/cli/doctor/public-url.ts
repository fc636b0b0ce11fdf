import { BlockList, isIP, isIPv6 } from 'node:net'
import type { Settings } from '../../options/options.ts'
import type { Finding } from '../command.ts'

const inside = new BlockList()
for (const [net, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const) {
  inside.addSubnet(net, prefix)
}
inside.addAddress('::1', 'ipv6')
inside.addSubnet('fc00::', 7, 'ipv6')

/**
 * Checks publicUrl against DOKU's rules, without a call.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-3
 */
export function checkPublicUrl({ publicUrl, environment }: Settings): Finding[] {
  const url = new URL(publicUrl)
  const problems = rules.filter(({ isBroken }) => isBroken(url))
  const check = 'publicUrl'
  if (problems.length === 0) return [{ check, status: 'ok', says: 'https, and a public address' }]
  // For a simulator on this machine such a URL is fine.
  const status = environment === 'production' ? 'failed' : 'warning'
  return problems.map(({ says, fix }): Finding => ({ check, status, says, fix }))
}

const rules: readonly { isBroken(url: URL): boolean; says: string; fix: string }[] = [
  {
    isBroken: ({ protocol }) => protocol !== 'https:',
    says: 'it is http; DOKU and browsers must reach the router over https',
    fix: 'put the app behind a proxy with a certificate, and use an https publicUrl',
  },
  {
    isBroken: ({ hostname }) => isInside(hostname.replace(/^\[(.+)\]$/, '$1')),
    says: 'only this machine or its network can reach it; DOKU cannot',
    fix: 'fine with the simulator; for DOKU, give the public address of the app',
  },
  {
    isBroken: ({ port }) => port !== '' && port !== '443',
    says: 'DOKU accepts only the usual port',
    fix: 'let the proxy in front listen on 443',
  },
]

function isInside(hostname: string): boolean {
  if (isIP(hostname) === 0)
    return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname.endsWith('.local')
  return inside.check(hostname, isIPv6(hostname) ? 'ipv6' : 'ipv4')
}
