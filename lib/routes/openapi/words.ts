import { z } from 'zod'

/** The words of a schema in the document, besides its type. */
export interface Words {
  readonly id?: string
  readonly description?: string
  readonly examples?: readonly unknown[]
  readonly format?: string
  readonly pattern?: string
}

/** A registry of this document alone. In zod's global one, our names could meet those of the host's own schemas. */
export const words = z.registry<Words>()

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
