import { Ajv2020, type AnySchema, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { Json, JsonObject } from 'express-doku-ovo'
import type { Exchange } from './exchange.ts'
import { methodOf } from './find-router.ts'

/** A part of an OpenAPI document, as far as the judge reads it. */
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[]
  readonly requestBody?: Content
  readonly responses: { readonly [status: string]: (Content & { readonly headers?: JsonObject }) | undefined }
}
interface Content {
  readonly content?: { readonly [type: string]: { readonly schema: Json } }
}

/** What Node, Express and caches say for themselves. */
const ownHeaders = /^(x-powered-by|x-content-type-options)$/
const told = /^(x-|ratelimit|retry-after|location)/

/** Holds what was answered against an OpenAPI document. */
export class Judge {
  readonly #document: JsonObject
  readonly #ajv: Ajv2020
  readonly #validators = new Map<string, ValidateFunction>()

  constructor(document: JsonObject) {
    this.#document = document
    this.#ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true })
    addFormats.default(this.#ajv)
    // The document itself is no schema, but what its references start from.
    this.#ajv.addVocabulary(Object.keys(document))
    this.#ajv.addSchema(closed(document) as AnySchema, 'document')
  }

  /** What is wrong; nothing when all is as the document says. `path`: as the document writes it. */
  violations(path: string, exchange: Exchange): string[] {
    const method = methodOf(exchange.request)
    // Express' own answer, which says no more than which methods there are.
    if (method === 'options') return []
    const operation = this.#at<Operation>(['paths', path, method])
    if (!operation) return [`${method} ${path} is not in the document`]
    const place = ['paths', path, method]
    return [...this.#ofRequest(operation, place, exchange), ...this.#ofResponse(operation, place, exchange)]
  }

  /** What the router has accepted, a client must be allowed to send. */
  #ofRequest({ requestBody, parameters = [] }: Operation, place: string[], { request, ...exchange }: Exchange) {
    if (exchange.status < 200 || exchange.status > 299) return []
    const missing = parameters
      .filter((one) => one.in === 'header' && one.required && !(one.name.toLowerCase() in request.headers))
      .map(({ name }) => `${name} is required, and a request without it was accepted`)
    if (!requestBody) return missing
    const where = [...place, 'requestBody', 'content', 'application/json', 'schema']
    return [...missing, ...this.#errors(where, exchange.requestBody, 'an accepted request body')]
  }

  #ofResponse({ responses }: Operation, place: string[], { status, headers, body, method }: Exchange): string[] {
    const response = responses[status]
    if (!response) return [`status ${status} is not in the document`]
    const where = [...place, 'responses', `${status}`]
    const wrong = this.#ofHeaders(response.headers ?? {}, headers)
    const type = headers.get('content-type')?.split(';')[0] ?? ''
    if (!response.content) return [...wrong, ...(status < 400 && body !== '' ? [`${status} has a body`] : [])]
    if (!response.content[type]) return [...wrong, `content type ${type} of ${status} is not in the document`]
    if (method === 'HEAD' || !type.endsWith('json')) return wrong
    return [...wrong, ...this.#errors([...where, 'content', type, 'schema'], body, 'the response')]
  }

  #ofHeaders(documented: JsonObject, headers: Exchange['headers']): string[] {
    const names = new Map(Object.keys(documented).map((name) => [name.toLowerCase(), name]))
    return [...headers].flatMap(([header, value]) => {
      const name = names.get(header)
      if (name !== undefined) return this.#ofHeader(name, value)
      return told.test(header) && !ownHeaders.test(header) ? [`header ${header} is not in the document`] : []
    })
  }

  #ofHeader(name: string, value: string): string[] {
    const where = ['components', 'headers', name, 'schema']
    const isNumber = this.#at<{ type: string }>(where)?.type === 'integer'
    return this.#errors(where, isNumber ? value : JSON.stringify(value), `header ${name}`)
  }

  #errors(where: readonly string[], json: string, what: string): string[] {
    const pointer = `document#/${where.map(escaped).join('/')}`
    const validate = this.#validators.get(pointer) ?? this.#ajv.compile({ $ref: pointer })
    this.#validators.set(pointer, validate)
    const value = parsed(json)
    if (value === undefined) return [`${what} is no JSON: ${json.slice(0, 200)}`]
    if (validate(value)) return []
    return (validate.errors ?? []).map(({ instancePath, message, params }) => {
      return `${what}: ${instancePath} ${message} ${JSON.stringify(params)} in ${json.slice(0, 500)}`
    })
  }

  #at<T>(where: readonly string[]): T | undefined {
    const found = where.reduce<Json | undefined>((part, key) => (part as JsonObject | undefined)?.[key], this.#document)
    return found as T | undefined
  }
}

const escaped = (key: string) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))

function parsed(json: string): Json | undefined {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** Clients have to live with more fields; here, every one that the document does not name is a mistake. */
function closed(part: Json): Json {
  if (Array.isArray(part)) return part.map(closed)
  if (part === null || typeof part !== 'object') return part
  const inner = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, closed(value)]))
  const isOpen = part.type === 'object' && part.properties !== undefined && !('additionalProperties' in part)
  return isOpen ? { ...inner, additionalProperties: false } : inner
}
