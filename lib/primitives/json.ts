import { type JsonLimits, type JsonProblem, scanJson } from './json-scan.ts'

/** A JSON value, as `JSON.parse` yields it. */
export type Json = null | boolean | number | string | Json[] | JsonObject

/** A JSON object. */
export interface JsonObject {
  [key: string]: Json
}

/** Returns true for a JSON object: not for `null`, not for an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Writes the value as JSON and reads it again, so that the copy shares nothing with it. */
export function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value))
}

export type ParsedJson = { readonly ok: true; readonly value: Json } | ({ readonly ok: false } & JsonProblem)

/** Limits the work that a stranger's body can cause. Bodies of the protocol stay far below. */
const defaultLimits: JsonLimits = { maxDepth: 16, maxKeys: 512 }

/** `ignoreBOM: true` keeps the byte order mark, which `JSON.parse` then refuses: JSON on the wire has none (RFC 8259 §8.1). */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads JSON that a stranger sent. It refuses everything that `JSON.parse` refuses, and also:
 *
 * - texts that two readers could understand differently: duplicate keys (with escapes too), `__proto__`, invalid UTF-8;
 * - texts that exceed `limits`. Default: 16 levels, 512 keys.
 *
 * Never throws. The caller limits the length.
 */
export function parseJson(input: Buffer | string, limits: Partial<JsonLimits> = {}): ParsedJson {
  const text = typeof input === 'string' ? input : decodeUtf8(input)
  if (text === undefined) return { ok: false, reason: 'syntax' }
  const problem = scanJson(text, { ...defaultLimits, ...limits })
  if (problem) return { ok: false, ...problem }
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    return { ok: false, reason: 'syntax' }
  }
}

function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

const quote = 0x22
const backslash = 0x5c

/**
 * Removes the whitespace between tokens and nothing else. Numbers and escapes stay as they were written, because a
 * signature covers these bytes, and `JSON.stringify(JSON.parse(x))` would write `1.0` and `\u0041` differently.
 * Does not validate. It need not decode UTF-8: every byte of a multi-byte character is above 0x7f.
 */
export function minifyJson(bytes: Buffer): Buffer {
  const out = Buffer.allocUnsafe(bytes.length)
  let length = 0
  let inString = false
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0
    if (!inString && isWhitespace(byte)) continue
    out[length++] = byte
    if (byte === quote) inString = !inString
    else if (inString && byte === backslash && index + 1 < bytes.length) out[length++] = bytes[++index] ?? 0
  }
  return out.subarray(0, length)
}

/** Space, line feed, carriage return, tab: the complete list (RFC 8259 §2). */
function isWhitespace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
