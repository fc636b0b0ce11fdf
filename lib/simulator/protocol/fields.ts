import { Refusal } from './answers.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** One field of a body: where it is, whether it must be there, and what it must look like. */
export interface Field {
  /** Dotted path from the field table's own root, e.g. `additionalInfo.channel`. */
  readonly path: string
  readonly required?: true
  readonly holds: (value: unknown) => boolean
  /** For a list: the fields of each of its items. */
  readonly each?: readonly Field[]
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a dotted path. JSON null and an empty string are as good as absent: DOKU's own SDKs send both. */
function valueAt(body: JsonObject, path: string): unknown {
  let value: unknown = body
  for (const step of path.split('.')) value = isObject(value) ? value[step] : undefined
  return value === null || value === '' ? undefined : value
}

/** The text at a path, or `undefined` when there is none. */
export function textAt(body: JsonObject, path: string): string | undefined {
  const value = valueAt(body, path)
  return typeof value === 'string' ? value : undefined
}

/** The text of a field that its table requires. */
export function requiredText(body: JsonObject, path: string): string {
  const value = textAt(body, path)
  if (value === undefined) throw new Refusal('invalidMandatoryField', path)
  return value
}

/** The objects in a list; none when there is no list. */
export function objectsAt(body: JsonObject, path: string): readonly JsonObject[] {
  const value = valueAt(body, path)
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** Walks a field table, in its order, and refuses at the first field that is missing or malformed. */
export function checkFields(body: JsonObject, fields: readonly Field[], prefix = ''): void {
  for (const field of fields) checkField(body, field, prefix)
}

function checkField(body: JsonObject, { path, required, holds, each }: Field, prefix: string): void {
  const value = valueAt(body, path)
  const name = `${prefix}${path}`
  if (value === undefined) {
    if (required) throw new Refusal('invalidMandatoryField', name)
    return
  }
  if (!holds(value)) throw new Refusal('invalidFieldFormat', name)
  if (!each) return
  for (const [index, item] of objectsAt(body, path).entries()) checkFields(item, each, `${name}[${index}].`)
}
