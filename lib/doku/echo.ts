import type { Json, JsonObject } from '../primitives/json.ts'
import { isConfidential, maskPhoneNosIn, oneLine } from '../redaction.ts'

/** In characters. A shorter value can be part of any text by chance. */
const shortest = 6

/** A request as it was sent. */
export interface Sent {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Removes confidential values and phone numbers from a text of DOKU, and makes it one line. */
export type Clean = (text: string) => string

/**
 * A text of DOKU can repeat parts of the request, and it gets into errors, logs, records and answers. So the request's
 * tokens, codes and personal data must not stay in it.
 */
export function cleanerFor({ headers, body }: Sent, secretKey: string): Clean {
  const confidential = [secretKey, ...confidentialIn('', headers), ...confidentialIn('', JSON.parse(body) as Json)]
    // Each value as it was sent, without its scheme and without the country code of a phone number.
    .flatMap((value) => [value.replace(/^Bearer /i, ''), value.replace(/^62(?=8\d+$)/, '')])
    .filter((value) => value.length >= shortest)
    .sort((one, other) => other.length - one.length)
  return (text) => oneLine(maskPhoneNosIn(confidential.reduce((rest, value) => rest.replaceAll(value, '***'), text)))
}

function confidentialIn(name: string, value: Json): string[] {
  if (typeof value === 'string') return isConfidential(name) ? [value] : []
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]) => confidentialIn(Array.isArray(value) ? name : key, inner))
}

/** The body with every text in it cleaned, at any depth. */
export function cleanBody(body: JsonObject, clean: Clean): JsonObject {
  return cleanJson(body, clean) as JsonObject
}

function cleanJson(value: Json, clean: Clean): Json {
  if (typeof value === 'string') return clean(value)
  if (Array.isArray(value)) return value.map((one) => cleanJson(one, clean))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, cleanJson(inner, clean)]))
}
