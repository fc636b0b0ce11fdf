import { z } from 'zod'

/** A secret or key. While the host replaces it, a list with the new one first and the old ones after it. */
export type OneOrMore<T> = T | readonly T[]

/** The first one signs and seals our own data. All of them are accepted in data that arrives. */
export type NewestFirst<T> = readonly [newest: T, ...older: T[]]

/** The place of a value, as the host would write it: `secretKey`, or `secretKey.1`. */
export function placeOf(name: string, values: readonly unknown[], index: number): string {
  return values.length === 1 ? name : `${name}.${index}`
}

/** The schema of a value, or a list of different ones. `problemOf` returns the problem of a single value. */
export function oneOrMore<T>(problemOf: (value: unknown) => string | undefined) {
  return z
    .unknown()
    .optional()
    .transform((given, context): NewestFirst<T> => {
      const values: readonly unknown[] = Array.isArray(given) ? given : [given]
      const add = (message: string, path: number[] = []) => context.addIssue({ code: 'custom', message, path })
      if (values.length === 0) add('is an empty list; give at least one')
      for (const [index, value] of values.entries()) {
        const path = Array.isArray(given) ? [index] : []
        const message = problemOf(value) ?? (values.indexOf(value) === index ? undefined : 'is there twice')
        if (message !== undefined) add(message, path)
      }
      return values as unknown as NewestFirst<T>
    })
}
