import type { JsonObject } from '../../primitives/json.ts'
import { limitOf } from '../limits.ts'
import { type Caller, type RouteName, routeTable } from '../table.ts'
import { type OperationRow, operationRow } from './operations.ts'
import { parametersOf } from './parameters.ts'
import { responsesOf } from './responses.ts'
import type { Scope } from './scope.ts'
import { securityOf } from './security.ts'
import { refTo } from './words.ts'

/** One tag for each who calls, so that a client can be made for one of them. */
export const tags: Readonly<Record<Caller, { readonly name: string; readonly description: string }>> = {
  customer: { name: 'Customer', description: 'For the pages of the shop, in the name of who is signed in there.' },
  staff: { name: 'Staff', description: 'For those who work in the shop.' },
  browser: { name: 'Browser', description: 'Where OVO’s pages send the customer back to.' },
  doku: { name: 'DOKU', description: 'The webhooks: this router answers, and nobody but DOKU calls.' },
  operations: { name: 'Operations', description: 'For those who run the shop.' },
}

/** The OpenAPI operation of a route. */
export function describeOperation(name: RouteName, scope: Scope): JsonObject {
  const row = operationRow(name, scope.hasRefunds)
  const parameters = parametersOf(name)
  const description = descriptionOf(name, row, scope)
  const { caller } = routeTable[name]
  return {
    operationId: row.operationId ?? name,
    tags: [tags[caller].name],
    summary: row.summary,
    ...(description && { description }),
    security: securityOf(name, scope),
    ...(parameters.length > 0 && { parameters }),
    ...(row.body && { requestBody: describeBody(row.body) }),
    responses: responsesOf(name, row, scope),
  }
}

function descriptionOf(name: RouteName, row: OperationRow, { limits, publicUrl }: Scope): string {
  const { caller, path } = routeTable[name]
  const limit = limitOf(name, limits)
  const counted = caller === 'doku' ? 'refused requests' : 'requests'
  const sentences = [
    ...(row.description ? [row.description] : []),
    ...(row.dashboardField ? [`In DOKU’s dashboard, ${row.dashboardField}: ${publicUrl ?? '{publicUrl}'}${path}`] : []),
    ...(limit ? [`At most ${limit.limit} ${counted} in ${limit.windowMs / 1000} s.`] : []),
  ]
  return sentences.join('\n\n')
}

function describeBody([first, ...others]: NonNullable<OperationRow['body']>): JsonObject {
  const schema = others.length === 0 ? refTo(first) : { anyOf: [first, ...others].map(refTo) }
  return { required: true, content: { 'application/json': { schema } } }
}
