import { isObject, type Json, type JsonObject } from '../../primitives/json.ts'
import type { Caller, Operation, Route } from '../route.ts'
import { limitOf, type RouteName, routeTable } from '../table.ts'
import { headers, problemExamples, responsesOf } from './responses.ts'
import { componentSchemas, refTo } from './schemas.ts'
import { type Scope, version } from './scope.ts'

const description = `OVO payments through DOKU's SNAP API, as the router of express-doku-ovo serves them.

Amounts are text with two decimals. A problem is answered as \`application/problem+json\` with a stable \`code\`. DOKU's
webhooks are answered in SNAP's own shape. Objects may get more fields in a later version.`

/** The OpenAPI 3.1 document of the mounted routes. It has no component that they do not use. */
export function createDocument(scope: Scope): JsonObject {
  const paths = pathsOf(scope)
  const document = {
    openapi: '3.1.1',
    info: {
      title: 'express-doku-ovo',
      version,
      description,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [serverOf(scope)],
    tags: tagsOf(scope),
    paths,
  }
  return { ...document, components: componentsOf(paths) }
}

function serverOf({ publicUrl }: Scope): JsonObject {
  if (publicUrl !== undefined) return { url: publicUrl }
  const words = 'The option `publicUrl`: the router’s address as the world sees it.'
  return { url: '{publicUrl}', variables: { publicUrl: { default: 'https://shop.example/ovo', description: words } } }
}

function tagsOf({ mounted }: Scope): Json[] {
  const callers = new Set(mounted.map((name) => routeTable[name].caller))
  return [...callers].map((caller) => ({ ...tags[caller] }))
}

function pathsOf(scope: Scope): JsonObject {
  const paths: Record<string, JsonObject> = {}
  for (const name of scope.mounted) {
    const route = routeTable[name]
    const path = pathOf(route)
    paths[path] = { ...paths[path], [route.method]: describeOperation(name, scope) }
  }
  return paths
}

/** The components to which the paths refer, and those to which these refer. */
function componentsOf(paths: JsonObject): JsonObject {
  const all: Record<string, JsonObject> = {
    schemas: componentSchemas(),
    headers,
    examples: problemExamples(),
    securitySchemes,
  }
  const used: Record<string, JsonObject> = {}
  const follow = (place: string) => {
    const [kind = '', name = ''] = place.split('/')
    const component = all[kind]?.[name]
    if (component === undefined || used[kind]?.[name] !== undefined) return
    used[kind] = { ...used[kind], [name]: component }
    for (const next of placesIn(component)) follow(next)
  }
  for (const place of placesIn(paths)) follow(place)
  return used
}

/** The components that a part of the document names, by `$ref` or in its `security`. */
function placesIn(part: Json): string[] {
  if (Array.isArray(part)) return part.flatMap(placesIn)
  if (!isObject(part)) return []
  return Object.entries(part).flatMap(([key, value]) => {
    if (key === '$ref') return [String(value).replace('#/components/', '')]
    if (key === 'security') return (value as JsonObject[]).flatMap(Object.keys).map((name) => `securitySchemes/${name}`)
    return placesIn(value)
  })
}

/** One tag for each caller, so that a client can be made for one of them. */
const tags: Readonly<Record<Caller, { readonly name: string; readonly description: string }>> = {
  customer: { name: 'Customer', description: 'For the pages of the shop, on behalf of the signed-in customer.' },
  staff: { name: 'Staff', description: 'For the staff of the shop.' },
  browser: { name: 'Browser', description: 'OVO’s pages send the customer’s browser here.' },
  doku: { name: 'DOKU', description: 'The webhooks: DOKU calls them, and this router answers.' },
  operations: { name: 'Operations', description: 'For the people who run the shop.' },
}

/** The OpenAPI operation of a route. */
function describeOperation(name: RouteName, scope: Scope): JsonObject {
  const route = routeTable[name]
  const operation = operationOf(route, scope)
  const description = descriptionOf(name, operation, scope)
  const parameters = parametersOf(route)
  return {
    operationId: operation.operationId ?? name,
    tags: [tags[route.caller].name],
    summary: operation.summary,
    ...(description && { description }),
    security: securityOf(route, scope),
    ...(parameters.length > 0 && { parameters }),
    ...(operation.body && { requestBody: describeBody(operation.body) }),
    responses: responsesOf(name, operation, scope),
  }
}

/** If it is not known whether the api has refunds, the operation has the problems of both kinds. */
function operationOf({ operation }: Route, { hasRefunds }: Scope): Operation {
  const { withoutRefunds, ...always } = operation
  if (!withoutRefunds || hasRefunds === true) return always
  if (hasRefunds === false) return { ...always, ...withoutRefunds }
  return { ...always, problems: [...new Set([...always.problems, ...withoutRefunds.problems])] }
}

function descriptionOf(name: RouteName, operation: Operation, { limits, publicUrl }: Scope): string {
  const { caller, path } = routeTable[name]
  const { description, dashboardField } = operation
  const limit = limitOf(name, limits)
  const counted = caller === 'doku' ? 'refused requests' : 'requests'
  const sentences = [
    ...(description ? [description] : []),
    ...(dashboardField ? [`In DOKU’s dashboard, ${dashboardField}: ${publicUrl ?? '{publicUrl}'}${path}`] : []),
    ...(limit ? [`At most ${limit.limit} ${counted} in ${limit.windowMs / 1000} s.`] : []),
  ]
  return sentences.join('\n\n')
}

function describeBody([first, ...others]: NonNullable<Operation['body']>): JsonObject {
  const schema = others.length === 0 ? refTo(first) : { anyOf: [first, ...others].map(refTo) }
  return { required: true, content: { 'application/json': { schema } } }
}

/** The route's path as OpenAPI writes it: `/payments/{partnerReferenceNo}`. */
function pathOf({ path }: Route): string {
  return path.replace(/:(\w+)/g, '{$1}')
}

function parametersOf({ path, operation: { pathParts, requestHeaders = {} } }: Route): Json[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => {
    return { name, in: 'path', required: true, ...pathParts?.[name] }
  })
  const inHeader = Object.entries(requestHeaders).map(([name, rest]) => ({ name, in: 'header', ...rest }))
  return [...inPath, ...inHeader]
}

const session =
  'The shop’s own app knows its people, usually by a cookie with a name that the shop chose. ' +
  'This router issues and reads no cookie, key or password: '

const securitySchemes = {
  customerSession: {
    type: 'apiKey',
    in: 'cookie',
    name: 'session',
    description: `${session}its option \`identify\` asks the app which customer is signed in.`,
  },
  staffSession: {
    type: 'apiKey',
    in: 'cookie',
    name: 'session',
    description: `${session}its option \`authorizeRefund\` asks the app whether staff sent the request. Without that option, nobody may refund.`,
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
      '`POST:path:token:sha256(minified body):X-TIMESTAMP`, in Base64. The path is that of the public address.',
  },
  issuedToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access token that this router issued to DOKU.',
  },
} as const satisfies Record<string, JsonObject>

type SchemeName = keyof typeof securitySchemes

const allOf = (...names: SchemeName[]): JsonObject => Object.fromEntries(names.map((name) => [name, []]))

/** The proofs of identity that the route accepts. Each entry of the list is enough. */
function securityOf({ caller, operation: { signature } }: Route, { requireBearer }: Scope): Json[] {
  switch (caller) {
    case 'customer':
      return [allOf('customerSession')]
    case 'staff':
      return [allOf('staffSession')]
    case 'browser':
      return [allOf('customerSession'), allOf()]
    case 'doku':
      if (signature === 'dokuKey') return [allOf('dokuKey')]
      return [allOf('dokuSecret', 'issuedToken'), ...(requireBearer ? [] : [allOf('dokuSecret')])]
    case 'operations':
      return []
  }
}
