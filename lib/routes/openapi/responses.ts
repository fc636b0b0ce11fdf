import { type ProblemCode, problemTypes } from '../../errors.ts'
import type { Json, JsonObject } from '../../primitives/json.ts'
import { toProblem } from '../middleware/problem.ts'
import type { Answer, HeaderName, Operation } from '../route.ts'
import { isBrowserWrite, limitOf, type RouteName, routeTable } from '../table.ts'
import { refTo } from './schemas.ts'
import type { Scope } from './scope.ts'

/** All that a route can answer with one status, by media type. */
interface Response {
  readonly description: string
  readonly headers: readonly HeaderName[]
  readonly content: JsonObject
}

const hostsOwn: Response = {
  description: 'An unexpected error. The shop’s own error handler answers it, in its own form.',
  headers: [],
  content: {},
}

/** All that the route can answer, by status: an answer, a problem, or either. */
export function responsesOf(name: RouteName, operation: Operation, scope: Scope): JsonObject {
  const isLimited = limitOf(name, scope.limits) !== undefined
  const answers = Object.entries(operation.answers).filter(([status]) => status !== '429' || isLimited)
  const responses = new Map(answers.map(([status, answer]) => [status, describeAnswer(answer)]))
  for (const [status, problem] of problemResponses(name, operation, scope)) {
    const answer = responses.get(status)
    responses.set(status, answer ? merge(answer, problem) : problem)
  }
  if (routeTable[name].caller !== 'doku') responses.set('500', hostsOwn)
  const everywhere: HeaderName[] = isLimited ? ['RateLimit', 'RateLimit-Policy'] : []
  return Object.fromEntries([...responses].map(([status, response]) => [status, write(response, everywhere)]))
}

function write({ description, headers, content }: Response, everywhere: readonly HeaderName[]): JsonObject {
  const names = [...headers, ...everywhere]
  return {
    description,
    ...(names.length > 0 && {
      headers: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
    }),
    ...(Object.keys(content).length > 0 && { content }),
  }
}

function merge(one: Response, other: Response): Response {
  return {
    description: `${one.description}\n\n${other.description}`,
    headers: [...one.headers, ...other.headers],
    content: { ...one.content, ...other.content },
  }
}

function describeAnswer({ description, schema, isPage, headers = [], codes }: Answer): Response {
  const list = Object.entries(codes ?? {}).map(([code, meaning]) => `- \`${code}\`: ${meaning}`)
  const content = {
    ...(isPage && { 'text/html': { schema: { type: 'string' } } }),
    ...(schema && {
      'application/json': { schema: codes ? narrowed(refTo(schema), Object.keys(codes)) : refTo(schema) },
    }),
  }
  return { description: [description, ...list].join('\n'), headers, content }
}

function narrowed(schema: JsonObject, codes: readonly Json[]): JsonObject {
  return { allOf: [schema, { properties: { responseCode: { type: 'string', enum: [...codes] } } }] }
}

const bodyProblems: readonly ProblemCode[] = [
  'INVALID_BODY',
  'INVALID_FIELD',
  'BODY_TOO_SLOW',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
]

/** Every problem that the route can answer: its own, and those of the checks before it. */
function problemsOf(name: RouteName, operation: Operation, scope: Scope): ReadonlySet<ProblemCode> {
  const { caller, path } = routeTable[name]
  const isDokus = caller === 'doku'
  const keepsRecords = !isDokus && caller !== 'operations'
  return new Set<ProblemCode>([
    ...operation.problems,
    ...(caller === 'customer' ? (['UNAUTHENTICATED'] as const) : []),
    ...(isBrowserWrite(routeTable[name]) ? (['CROSS_SITE', 'UNSUPPORTED_MEDIA_TYPE'] as const) : []),
    ...(operation.body && !isDokus ? bodyProblems : []),
    ...(path.includes(':') ? (['INVALID_FIELD'] as const) : []),
    ...limitProblems(name, scope),
    ...(keepsRecords ? (['STORAGE_UNAVAILABLE'] as const) : []),
    'SHUTTING_DOWN',
  ])
}

/** Webhooks are none of these: they answer a flood in SNAP's shape. */
function limitProblems(name: RouteName, { limits, hasLimitStore }: Scope): ProblemCode[] {
  const { caller, limit } = routeTable[name]
  if (!limitOf(name, limits) || caller === 'doku') return []
  return hasLimitStore && limit?.needsCounting ? ['TOO_MANY_REQUESTS', 'LIMITER_UNAVAILABLE'] : ['TOO_MANY_REQUESTS']
}

/** One response for each status that a problem of the route has. */
function problemResponses(name: RouteName, operation: Operation, scope: Scope): (readonly [string, Response])[] {
  const byStatus = new Map<string, ProblemCode[]>()
  for (const code of problemsOf(name, operation, scope)) {
    const status = String(problemTypes[code].status)
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return [...byStatus].map(([status, codes]) => [status, problemResponse(codes)])
}

function problemResponse(codes: readonly ProblemCode[]): Response {
  const narrowed = { properties: { code: { type: 'string', enum: [...codes] } } }
  return {
    description: codes.map((code) => `- \`${code}\`: ${problemTypes[code].title}.`).join('\n'),
    headers: codes.includes('TOO_MANY_REQUESTS') ? ['Retry-After'] : [],
    content: {
      'application/problem+json': {
        schema: { allOf: [refTo('Problem'), narrowed] },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  }
}

/** An example of each problem, for the document's components. */
export function problemExamples(): Record<string, JsonObject> {
  const codes = Object.keys(problemTypes) as ProblemCode[]
  return Object.fromEntries(
    codes.map((code) => {
      const { attempt: _none, ...value } = toProblem(code, 'The cause of this problem, and what to do.')
      return [code, { summary: problemTypes[code].title, value }]
    }),
  )
}

const text = { type: 'string' } as const

/** The headers of answers, for the document's components. */
export const headers = {
  RateLimit: {
    description:
      'The requests that are left, and the seconds until the limit starts again (draft-ietf-httpapi-ratelimit-headers-08).',
    schema: text,
    example: '"pay"; r=19; t=60',
  },
  'RateLimit-Policy': {
    description: 'The limit: the requests that a window allows, and the seconds that it lasts.',
    schema: text,
    example: '"pay"; q=20; w=60; pk=:ZTk3YTE2YjQ3M2Vi:',
  },
  'Retry-After': { description: 'In seconds.', schema: { type: 'integer', minimum: 0 }, example: 42 },
  Location: { description: 'The address to which the browser goes.', schema: { type: 'string', format: 'uri' } },
  'X-CLIENT-KEY': { description: 'The merchant’s client id.', schema: text },
  'X-TIMESTAMP': { description: 'The time of the answer.', schema: { type: 'string', format: 'date-time' } },
} as const satisfies Record<HeaderName, JsonObject>
