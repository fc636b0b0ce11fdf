import { type ProblemCode, problemTypes } from '../../errors.ts'
import type { JsonObject } from '../../primitives/json.ts'
import { isLimited, limitOf, needsCounting } from '../limits.ts'
import { toProblem } from '../middleware/problem.ts'
import { isBrowserWrite, type RouteName, routeTable } from '../table.ts'
import { answers } from './answers.ts'
import type { OperationRow } from './operations.ts'
import type { Response } from './responses.ts'
import type { Scope } from './scope.ts'
import { refTo } from './words.ts'

const bodyProblems: readonly ProblemCode[] = [
  'INVALID_BODY',
  'INVALID_FIELD',
  'BODY_TOO_SLOW',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
]

/** Every problem that the route can answer: its own, and what stands before it. */
function problemsOf(name: RouteName, row: OperationRow, scope: Scope): ReadonlySet<ProblemCode> {
  const { caller, path } = routeTable[name]
  const isDokus = caller === 'doku'
  const keepsRecords = !isDokus && caller !== 'operations'
  return new Set<ProblemCode>([
    ...row.problems,
    ...(caller === 'customer' ? (['UNAUTHENTICATED'] as const) : []),
    ...(isBrowserWrite(routeTable[name]) ? (['CROSS_SITE', 'UNSUPPORTED_MEDIA_TYPE'] as const) : []),
    ...(row.body && !isDokus ? bodyProblems : []),
    ...(path.includes(':') ? (['INVALID_FIELD'] as const) : []),
    ...limitProblems(name, scope),
    ...(keepsRecords ? (['STORAGE_UNAVAILABLE'] as const) : []),
    'SHUTTING_DOWN',
  ])
}

/** Webhooks say it in SNAP's shape. */
function limitProblems(name: RouteName, { limits, hasLimitStore }: Scope): ProblemCode[] {
  if (!limitOf(name, limits) || !isLimited(name) || routeTable[name].caller === 'doku') return []
  return hasLimitStore && needsCounting(name) ? ['TOO_MANY_REQUESTS', 'LIMITER_UNAVAILABLE'] : ['TOO_MANY_REQUESTS']
}

/** One response for each status that a problem of the route has. */
export function problemResponses(name: RouteName, row: OperationRow, scope: Scope): (readonly [string, Response])[] {
  const byStatus = new Map<string, ProblemCode[]>()
  for (const code of problemsOf(name, row, scope)) {
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
        schema: { allOf: [refTo(answers.problem), narrowed] },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  }
}

/** What each problem looks like, for the document's components. */
export function problemExamples(): Record<string, JsonObject> {
  const codes = Object.keys(problemTypes) as ProblemCode[]
  return Object.fromEntries(
    codes.map((code) => [
      code,
      {
        summary: problemTypes[code].title,
        value: { ...toProblem(code, 'What went wrong this time, and what to do.') },
      },
    ]),
  )
}
