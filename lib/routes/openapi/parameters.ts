import type { Json, JsonObject } from '../../primitives/json.ts'
import { type RouteName, routeTable } from '../table.ts'

/** The variable parts of the routes' paths. */
const pathParts: Readonly<Record<string, JsonObject>> = {
  partnerReferenceNo: { description: 'Names the payment.', schema: { type: 'string' } },
  purpose: { schema: { type: 'string', enum: ['binding', 'payment'] } },
  state: { description: 'Sealed by the router: who comes back, and from what.', schema: { type: 'string' } },
  outcome: { description: 'What OVO’s page says.', schema: { type: 'string', enum: ['success', 'failed'] } },
}

const timestamp = {
  description: 'ISO 8601 with an offset. Has to be close to now.',
  required: true,
  schema: { type: 'string' },
  example: '2026-01-31T14:30:00+07:00',
} as const

/** What DOKU sends along, besides what proves that it is DOKU. @see protocol.md §7.1, §7.2 */
const headerParts: { readonly [name in RouteName]?: Readonly<Record<string, JsonObject>> } = {
  webhookToken: {
    'X-CLIENT-KEY': { description: 'The merchant’s client id.', required: true, schema: { type: 'string' } },
    'X-TIMESTAMP': timestamp,
  },
  webhookNotification: {
    'X-PARTNER-ID': { description: 'The merchant’s client id.', required: true, schema: { type: 'string' } },
    'X-TIMESTAMP': {
      ...timestamp,
      description: 'ISO 8601 with an offset. What is not close to now is not believed: DOKU is asked.',
    },
    'X-EXTERNAL-ID': { description: 'DOKU’s number of the request.', required: false, schema: { type: 'string' } },
  },
}

/** The route's path as OpenAPI writes it: `/payments/{partnerReferenceNo}`. */
export function pathOf(name: RouteName): string {
  return routeTable[name].path.replace(/:(\w+)/g, '{$1}')
}

export function parametersOf(name: RouteName): Json[] {
  const inPath = [...routeTable[name].path.matchAll(/:(\w+)/g)].map(([, part = '']) => {
    return { name: part, in: 'path', required: true, ...pathParts[part] }
  })
  const inHeader = Object.entries(headerParts[name] ?? {}).map(([header, rest]) => ({
    name: header,
    in: 'header',
    ...rest,
  }))
  return [...inPath, ...inHeader]
}
