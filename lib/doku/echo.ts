import type { Json, JsonObject } from '../primitives/json.ts'
import { isConfidential, maskPhoneNosIn, oneLine } from '../redaction.ts'

/** Shorter ones would be found in any text. */
const shortest = 6

/** A request as it left. */
export interface Sent {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Makes DOKU's words fit for logs, records and people. */
export type Clean = (text: string) => string

/**
 * What DOKU says of a request may repeat what was in it, and its words get into errors, logs, records and answers:
 * the request's tokens, codes and personal data are taken out of them, and so is every phone number; and they are made
 * one line.
 */
export function cleanerFor({ headers, body }: Sent, secretKey: string): Clean {
  const confidential = [secretKey, ...confidentialIn('', headers), ...confidentialIn('', JSON.parse(body) as Json)]
    // As it was sent, and as a person would write it: without the scheme, without the country.
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

/** The body with every text in it cleaned. */
export function cleanBody(body: JsonObject, clean: Clean): JsonObject {
  return cleanJson(body, clean) as JsonObject
}

function cleanJson(value: Json, clean: Clean): Json {
  if (typeof value === 'string') return clean(value)
  if (Array.isArray(value)) return value.map((one) => cleanJson(one, clean))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, cleanJson(inner, clean)]))
}
