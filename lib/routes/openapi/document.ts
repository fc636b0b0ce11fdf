import { isObject, type Json, type JsonObject } from '../../primitives/json.ts'
import type { Caller, Operation, Route } from '../route.ts'
import { limitOf, type RouteName, routeOf } from '../table.ts'
import { headers, problemExamples, responsesOf } from './responses.ts'
import { componentSchemas, refTo } from './schemas.ts'
import { type Scope, version } from './scope.ts'

const description = `OVO payments through DOKU's SNAP API, as the router of express-doku-ovo serves them.

Amounts are text with two decimals. What cannot be done is answered with \`application/problem+json\`, whose \`code\` is
stable; DOKU's webhooks are answered in SNAP's own shape. Objects may get more fields in a later version.`

/** The OpenAPI 3.1 document of what is mounted, and nothing else: no component that it does not use. */
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
  const words = 'The option `publicUrl`: where the world reaches the router.'
  return { url: '{publicUrl}', variables: { publicUrl: { default: 'https://shop.example/ovo', description: words } } }
}

function tagsOf({ mounted }: Scope): Json[] {
  const callers = new Set(mounted.map((name) => routeOf(name).caller))
  return [...callers].map((caller) => ({ ...tags[caller] }))
}

function pathsOf(scope: Scope): JsonObject {
  const paths: Record<string, JsonObject> = {}
  for (const name of scope.mounted) {
    const route = routeOf(name)
    const path = pathOf(route)
    paths[path] = { ...paths[path], [route.method]: describeOperation(name, scope) }
  }
  return paths
}

/** What the paths refer to, and what that refers to. */
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

/** The components that a part of the document names: by `$ref`, or as what its `security` asks for. */
function placesIn(part: Json): string[] {
  if (Array.isArray(part)) return part.flatMap(placesIn)
  if (!isObject(part)) return []
  return Object.entries(part).flatMap(([key, value]) => {
    if (key === '$ref') return [String(value).replace('#/components/', '')]
    if (key === 'security') return (value as JsonObject[]).flatMap(Object.keys).map((name) => `securitySchemes/${name}`)
    return placesIn(value)
  })
}

/** One tag for each who calls, so that a client can be made for one of them. */
const tags: Readonly<Record<Caller, { readonly name: string; readonly description: string }>> = {
  customer: { name: 'Customer', description: 'For the pages of the shop, in the name of who is signed in there.' },
  staff: { name: 'Staff', description: 'For those who work in the shop.' },
  browser: { name: 'Browser', description: 'Where OVO’s pages send the customer back to.' },
  doku: { name: 'DOKU', description: 'The webhooks: this router answers, and nobody but DOKU calls.' },
  operations: { name: 'Operations', description: 'For those who run the shop.' },
}

/** The OpenAPI operation of a route. */
function describeOperation(name: RouteName, scope: Scope): JsonObject {
  const route = routeOf(name)
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
  const { caller, path } = routeOf(name)
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

function parametersOf({ operation: { pathParts = {}, requestHeaders = {} } }: Route): Json[] {
  const inPath = Object.entries(pathParts).map(([name, rest]) => ({ name, in: 'path', required: true, ...rest }))
  const inHeader = Object.entries(requestHeaders).map(([name, rest]) => ({ name, in: 'header', ...rest }))
  return [...inPath, ...inHeader]
}

const session =
  'Whatever the shop’s own app knows people by: a cookie as a rule, and then under a name of the shop’s. ' +
  'This router issues and reads no cookie, no key and no password: '

const securitySchemes = {
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

/** Who may call the route: each entry of the list is enough. */
function securityOf({ caller, operation: { signature } }: Route, { requireBearer }: Scope): Json[] {
  switch (caller) {
    case 'customer':
      return [all('customerSession')]
    case 'staff':
      return [all('staffSession')]
    case 'browser':
      return [all('customerSession'), all()]
    case 'doku':
      if (signature === 'dokuKey') return [all('dokuKey')]
      return [all('dokuSecret', 'issuedToken'), ...(requireBearer ? [] : [all('dokuSecret')])]
    case 'operations':
      return []
  }
}
