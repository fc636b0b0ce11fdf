import { isObject, type Json } from '../primitives/json.ts'

/** Whether a value that came out of the storage is what was once put in. */
export type Check = (value: Json | undefined) => boolean

/** Longer than anything that we keep in one field, sealed and written in Base64. */
const longestText = 32_768

export const text: Check = (value) => typeof value === 'string' && value.length <= longestText

/** In ms since the epoch, as far as `Date` goes. */
export const time: Check = (value) => Number.isFinite(value) && Math.abs(value as number) <= 8.64e15

export const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0

export const absentOr =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)

export const oneOf =
  (values: readonly Json[]): Check =>
  (value) =>
    value !== undefined && values.includes(value)

export const matching =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value)

export const listOf =
  (check: Check, atMost: number, atLeast = 0): Check =>
  (value) =>
    Array.isArray(value) && value.length >= atLeast && value.length <= atMost && value.every(check)

/** An object with these fields; others do no harm: a later version may have written them. */
export function shapeOf(fields: Readonly<Record<string, Check>>): Check {
  const checks = Object.entries(fields)
  return (value) =>
    isObject(value) && checks.every(([name, check]) => check(Object.hasOwn(value, name) ? value[name] : undefined))
}
