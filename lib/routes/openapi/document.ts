import { isObject, type Json, type JsonObject } from '../../primitives/json.ts'
import { routeTable } from '../table.ts'
import { headerTable } from './headers.ts'
import { describeOperation, tags } from './operation.ts'
import { pathOf } from './parameters.ts'
import { problemExamples } from './problems.ts'
import type { Scope } from './scope.ts'
import { securitySchemes } from './security.ts'
import { version } from './version.ts'
import { componentSchemas } from './words.ts'

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
  const callers = new Set(mounted.map((name) => routeTable[name].caller))
  return [...callers].map((caller) => ({ ...tags[caller] }))
}

function pathsOf(scope: Scope): JsonObject {
  const paths: Record<string, JsonObject> = {}
  for (const name of scope.mounted) {
    const path = pathOf(name)
    paths[path] = { ...paths[path], [routeTable[name].method]: describeOperation(name, scope) }
  }
  return paths
}

/** What the paths refer to, and what that refers to. */
function componentsOf(paths: JsonObject): JsonObject {
  const all: Record<string, JsonObject> = {
    schemas: componentSchemas(),
    headers: headerTable,
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
