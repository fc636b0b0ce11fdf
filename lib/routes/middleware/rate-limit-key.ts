import type { Request } from 'express'
import { ipKeyGenerator } from 'express-rate-limit'
import type { Caller } from '../table.ts'
import { type WhoAsks, whoAsksIfAnybody } from './identify.ts'

/** Who can be told apart. */
export interface WhoIsWho {
  readonly whoAsks: WhoAsks
  readonly isStaff: (req: Request) => Promise<boolean>
}

/** One household or company has this much of IPv6, so its addresses count as one. */
const ipv6Subnet = 56

/** In characters: more than IPv6 with a zone needs. */
const longestAddress = 64

/** Whom a request is counted for: the customer first, and the address where nobody is signed in. */
export async function limitKeyOf(req: Request, caller: Caller, { whoAsks, isStaff }: WhoIsWho): Promise<string> {
  const customer = caller === 'customer' ? await whoAsksIfAnybody(whoAsks, req) : undefined
  if (customer) return `customer:${customer.id}`
  // An app that believes every `X-Forwarded-For` takes any text for an address, of any length.
  const address = `address:${ipKeyGenerator((req.ip ?? '').slice(0, longestAddress), ipv6Subnet)}`
  return caller === 'staff' && (await isStaff(req)) ? `staff:${address}` : address
}
