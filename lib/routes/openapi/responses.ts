import type { Json, JsonObject } from '../../primitives/json.ts'
import { limitOf } from '../limits.ts'
import { type RouteName, routeTable } from '../table.ts'
import { type HeaderName, headersOf } from './headers.ts'
import type { AnswerRow, OperationRow } from './operations.ts'
import { problemResponses } from './problems.ts'
import type { Scope } from './scope.ts'
import { refTo } from './words.ts'

/** What can be answered with one status, by media type. */
export interface Response {
  readonly description: string
  readonly headers: readonly HeaderName[]
  readonly content: JsonObject
}

const hostsOwn: Response = {
  description: 'Something that nobody foresaw, which the shop’s own error handler answers, in its own form.',
  headers: [],
  content: {},
}

/** Everything that the route can answer, by status: an answer, a problem, or either. */
export function responsesOf(name: RouteName, row: OperationRow, scope: Scope): JsonObject {
  const isLimited = limitOf(name, scope.limits) !== undefined
  const answers = Object.entries(row.answers).filter(([status]) => status !== '429' || isLimited)
  const responses = new Map(answers.map(([status, answer]) => [status, describeAnswer(answer)]))
  for (const [status, problem] of problemResponses(name, row, scope)) {
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
    ...(names.length > 0 && { headers: headersOf(names) }),
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

function describeAnswer({ description, schema, isPage, headers = [], codes }: AnswerRow): Response {
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
