import type { Json } from './primitives/json.ts'

const secretFields = new Set(['accesstoken', 'refreshtoken', 'authcode', 'tokenid', 'accounttoken', 'bankcardtoken'])

/**
 * The address alone opens such a page; the binding page's address ends with the authCode.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#6
 */
const secretUrls = new Set(['redirecturl', 'webredirecturl', 'appredirecturl'])

const personalFields = new Set(['phoneno', 'customername', 'email', 'idcard', 'address', 'dateofbirth'])

/** A host's proxy may add headers of any name, so the name is searched for these words. */
const secretHeader = /auth|token|secret|key|cookie|signature|session|password|credential/

/** Headers that this package or DOKU sends, and that hold no secret. */
const openHeaders = new Set(['x-client-key', 'x-partner-id', 'x-external-id', 'x-timestamp'])

/** A credential in a header of any name: a caller who confuses headers, or an attacker who probes them, sends real ones. */
const credential = /\b(?:bearer|basic) \S|\beyJ\w/i

/** Returns a copy of a body in which tokens, codes, secret addresses and personal data are masked. */
export function redact(value: Json): Json {
  if (typeof value === 'string') return maskPhoneNosIn(value)
  if (Array.isArray(value)) return value.map(redact)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [maskPhoneNosIn(name), redactField(name, field)]),
  )
}

function redactField(name: string, value: Json): Json {
  const key = name.toLowerCase()
  if (secretFields.has(key)) return typeof value === 'string' ? maskSecret(value) : '***'
  if (secretUrls.has(key)) return typeof value === 'string' ? maskUrl(value) : '***'
  if (key === 'phoneno' && typeof value === 'string') return maskPhoneNo(value)
  if (personalFields.has(key)) return '***'
  return redact(value)
}

/** Returns a copy of headers in which credentials and phone numbers are masked. Array values are joined. */
export function redactHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const masked: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    masked[name] = redactHeader(name, value)
  }
  return masked
}

/** Returns one header's value, masked like in `redactHeaders`. */
export function redactHeader(name: string, value: string | string[]): string {
  const text = Array.isArray(value) ? value.join(', ') : value
  if (isSecretHeader(name.toLowerCase()) || credential.test(text)) return maskSecret(text)
  // People compare the digits in our headers and DOKU's, and none of them is a phone number.
  return openHeaders.has(name.toLowerCase()) ? text : maskPhoneNosIn(text)
}

/** Returns true if the value under this name, in a body or a header, is masked. */
export function isConfidential(name: string): boolean {
  const key = name.toLowerCase()
  return secretFields.has(key) || secretUrls.has(key) || personalFields.has(key) || isSecretHeader(key)
}

function isSecretHeader(name: string): boolean {
  return secretHeader.test(name) && !openHeaders.has(name)
}

/** Keeps the first and last three characters of a long secret, so that people can compare two. Hides a short one whole. */
export function maskSecret(secret: string): string {
  return secret.length < 24 ? '***' : `${secret.slice(0, 3)}***${secret.slice(-3)}`
}

/** `6281234567890` becomes `62*******7890`. A number of fewer than 8 digits is hidden whole. */
export function maskPhoneNo(phoneNo: string): string {
  return phoneNo.length < 8 ? '***' : phoneNo.slice(0, 2) + '*'.repeat(phoneNo.length - 6) + phoneNo.slice(-4)
}

/** Masks the Indonesian mobile numbers in a text from outside. */
export function maskPhoneNosIn(text: string): string {
  return text.replace(/(?<!\d)(?:62|0)8\d{7,11}(?!\d)/g, maskPhoneNo)
}

/** `https://sandbox.doku.com/direct-debit/ui/1` becomes `https://sandbox.doku.com/***`. */
function maskUrl(url: string): string {
  const origin = /^[a-z][a-z\d+.-]*:\/\/[^/?#@]*(?=[/?#])/i.exec(url)?.[0]
  return `${origin ?? ''}/***`
}

/** Masks a path's query: a host may have put a secret of its own into the address that it gave DOKU. */
export function maskQuery(path: string): string {
  return path.replace(/\?.+$/s, '?***')
}

/**
 * Returns a text from outside as one line: a blank replaces each character that moves a terminal's cursor, begins a line
 * or turns the reading direction.
 */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, ' ')
}
