import { z } from 'zod'

/** What a host writes for a secret or key that is being replaced: the new one first, then what still comes in. */
export type OneOrMore<T> = T | readonly T[]

/** The first one signs and seals what leaves; all of them are accepted in what comes in. */
export type NewestFirst<T> = readonly [newest: T, ...older: T[]]

/** Where a value stands, as the host would write it: `secretKey`, or `secretKey.1`. */
export function placeOf(name: string, values: readonly unknown[], index: number): string {
  return values.length === 1 ? name : `${name}.${index}`
}

/** A value, or a list of different ones. `problem` says what is wrong with a single one. */
export function oneOrMore<T>(problem: (value: unknown) => string | undefined) {
  return z
    .unknown()
    .optional()
    .transform((given, context): NewestFirst<T> => {
      const values: readonly unknown[] = Array.isArray(given) ? given : [given]
      const add = (message: string, path: number[] = []) => context.addIssue({ code: 'custom', message, path })
      if (values.length === 0) add('is an empty list; give at least one')
      for (const [index, value] of values.entries()) {
        const path = Array.isArray(given) ? [index] : []
        const message = problem(value) ?? (values.indexOf(value) === index ? undefined : 'is there twice')
        if (message !== undefined) add(message, path)
      }
      return values as unknown as NewestFirst<T>
    })
}
