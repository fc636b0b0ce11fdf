import { z } from 'zod'
import type { JsonObject } from '../../primitives/json.ts'

/** What the document says of a schema besides its type. `id`: its name among the document's components. */
interface Words {
  readonly id?: string
  readonly description?: string
  readonly examples?: readonly unknown[]
  readonly format?: string
  readonly pattern?: string
}

/** Of this document only: in zod's global registry our names would meet those of the host's own schemas. */
export const words = z.registry<Words>()

const componentAt = (id: string | undefined) => `#/components/schemas/${id}`

/** Where the document has a schema whose words have an `id`. */
export function refTo(schema: z.ZodType): JsonObject {
  return { $ref: componentAt(words.get(schema)?.id) }
}

/** The JSON Schema of everything whose words have an `id`. Of an input with a default, it is what may be sent. */
export function componentSchemas(): Record<string, JsonObject> {
  const { schemas } = z.toJSONSchema(words, { io: 'input', metadata: words, uri: componentAt })
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _dialect, $id: _id, ...schema }]) => [id, schema as JsonObject]),
  )
}

/** A description, and examples where there are any. */
export function says(description: string, ...examples: unknown[]): Words {
  return { description, ...(examples.length > 0 && { examples }) }
}

type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T

type Same<A, B> = (<T>() => T extends Mutable<A> ? 1 : 2) extends <T>() => T extends Mutable<B> ? 1 : 2 ? true : false

/** The schema of exactly this type: a field, or a value of a field, that only one of the two knows does not compile. */
export const schemaOf =
  <T>() =>
  <S extends z.ZodType>(schema: S & (Same<z.output<S>, T> extends true ? unknown : 'schema and type differ')): S =>
    schema
