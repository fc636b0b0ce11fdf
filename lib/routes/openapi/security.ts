import type { Json, JsonObject } from '../../primitives/json.ts'
import { type RouteName, routeTable } from '../table.ts'
import type { Scope } from './scope.ts'

const session =
  'Whatever the shop’s own app knows people by: a cookie as a rule, and then under a name of the shop’s. ' +
  'This router issues and reads no cookie, no key and no password: '

export const securitySchemes = {
  customerSession: {
    type: 'apiKey',
    in: 'cookie',
    name: 'session',
    description: `${session}its option \`identify\` asks the app who is signed in.`,
  },
  staffSession: {
    type: 'apiKey',
    in: 'cookie',
    name: 'session',
    description: `${session}its option \`authorizeRefund\` asks the app whether that is staff. Without that option nobody is.`,
  },
  dokuKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-SIGNATURE',
    description: 'SHA256withRSA with DOKU’s private key over `X-CLIENT-KEY|X-TIMESTAMP`, in Base64.',
  },
  dokuSecret: {
    type: 'apiKey',
    in: 'header',
    name: 'X-SIGNATURE',
    description:
      'HMAC-SHA512 with the merchant’s Secret Key over ' +
      '`POST:path:token:sha256(minified body):X-TIMESTAMP`, in Base64; the path is that of the public address.',
  },
  issuedToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access token that this router has issued to DOKU.',
  },
} as const satisfies Record<string, JsonObject>

type SchemeName = keyof typeof securitySchemes

const all = (...names: SchemeName[]): JsonObject => Object.fromEntries(names.map((name) => [name, []]))

/** Who may call the route: one of what is listed will do. */
export function securityOf(name: RouteName, { requireBearer }: Scope): Json[] {
  switch (routeTable[name].caller) {
    case 'customer':
      return [all('customerSession')]
    case 'staff':
      return [all('staffSession')]
    case 'browser':
      return [all('customerSession'), all()]
    case 'doku':
      if (name === 'webhookToken') return [all('dokuKey')]
      return [all('dokuSecret', 'issuedToken'), ...(requireBearer ? [] : [all('dokuSecret')])]
    case 'operations':
      return []
  }
}
