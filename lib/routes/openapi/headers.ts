import type { JsonObject } from '../../primitives/json.ts'

const text = { type: 'string' } as const

/** The headers of our answers on which a client can act. */
export const headerTable = {
  RateLimit: {
    description:
      'What is left of the limit, and in how many seconds it starts anew (draft-ietf-httpapi-ratelimit-headers-08).',
    schema: text,
    example: '"pay"; r=19; t=60',
  },
  'RateLimit-Policy': {
    description: 'The limit: so many requests in so many seconds.',
    schema: text,
    example: '"pay"; q=20; w=60; pk=:ZTk3YTE2YjQ3M2Vi:',
  },
  'Retry-After': { description: 'In seconds.', schema: { type: 'integer', minimum: 0 }, example: 42 },
  Location: { description: 'Where the browser goes on to.', schema: { type: 'string', format: 'uri' } },
  'X-CLIENT-KEY': { description: 'The merchant’s client id.', schema: text },
  'X-TIMESTAMP': { description: 'When it was answered.', schema: { type: 'string', format: 'date-time' } },
} as const satisfies Record<string, JsonObject>

export type HeaderName = keyof typeof headerTable

/** The headers that an answer may have. */
export function headersOf(names: readonly HeaderName[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}
