import { isObject, type Json } from '../primitives/json.ts'

/**
 * Returns true if a stored value can be a `T`. Exact: a check that refuses some `T`, or accepts more, has another type.
 * So a record's shape compiles only if it says the same as the record's type.
 */
export type Check<in out T> = (value: unknown) => value is T

/** One check for each key of `T`, optional keys included. */
export type FieldChecks<T> = { readonly [Key in keyof T]-?: Check<T[Key]> }

/** An object with these fields. Further fields are accepted: a later version may have written them. */
export function shapeOf<T extends object>(fields: FieldChecks<T>): Check<T> {
  const checks = Object.entries<(value: unknown) => boolean>(fields)
  return (value): value is T =>
    isObject(value) && checks.every(([name, check]) => check(Object.hasOwn(value, name) ? value[name] : undefined))
}

/** In characters. No field of a record gets longer, sealed and in Base64 included. */
const longestText = 32_768

export const text: Check<string> = (value): value is string => typeof value === 'string' && value.length <= longestText

/** In ms since the epoch, as far as `Date` goes. */
export const time: Check<number> = (value): value is number =>
  Number.isFinite(value) && Math.abs(value as number) <= 8.64e15

/** A whole number from 0. */
export const count: Check<number> = (value): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** A text that the pattern finds. */
export const matching =
  (pattern: RegExp): Check<string> =>
  (value): value is string =>
    typeof value === 'string' && pattern.test(value)

/** One of these values. */
export const oneOf =
  <const Value extends Json>(values: readonly Value[]): Check<Value> =>
  (value): value is Value =>
    values.includes(value as Value)

export const listOf =
  <Item>(check: Check<Item>, atMost: number, atLeast = 0): Check<readonly Item[]> =>
  (value): value is readonly Item[] =>
    Array.isArray(value) && value.length >= atLeast && value.length <= atMost && value.every(check)

/** For an optional field. */
export const absentOr =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value): value is T | undefined =>
    value === undefined || check(value)

/** For a field that its reader checks, for example a sealed one: it opens or it does not. */
export const unchecked =
  <T>(): Check<T> =>
  (_value): _value is T =>
    true
