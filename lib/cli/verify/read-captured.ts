import { isObject, type Json } from '../../primitives/json.ts'
import { UsageError } from '../command.ts'
import type { Captured } from './what-was-signed.ts'

/** The two forms of a capture, for the help and for errors. */
export const captureForms = `The capture is either the request as it came over the wire:

  POST /ovo/webhooks/notification HTTP/1.1
  X-TIMESTAMP: 2026-01-02T10:04:05+07:00
  X-SIGNATURE: …
  X-PARTNER-ID: …
  Authorization: Bearer …
  <an empty line, then the exact bytes of the body>

or JSON, with the body as its exact text: { "path": "/ovo/webhooks/notification", "headers": { … }, "body": "{…}" }`

/** @throws UsageError that says what is missing */
export function readCaptured(bytes: Buffer): Captured {
  return bytes.toString('latin1').trimStart().startsWith('{') ? fromJson(bytes) : fromWire(bytes)
}

function fromJson(bytes: Buffer): Captured {
  let value: Json
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new UsageError(`the capture begins like JSON, but is not valid JSON.\n${captureForms}`)
  }
  const { path, url, method, headers, body } = isObject(value) ? value : {}
  const target = path ?? url
  if (typeof target !== 'string') throw new UsageError('the capture has no path')
  if (!isObject(headers ?? null)) throw new UsageError('the capture has no headers')
  if (typeof body !== 'string') {
    throw new UsageError('the capture’s body must be the exact text: an object does not keep the original bytes')
  }
  const named = Object.entries(headers as Record<string, Json>).map(([name, text]) => [name, String(text)] as const)
  return complete(typeof method === 'string' ? method : 'POST', target, named, Buffer.from(body))
}

function fromWire(bytes: Buffer): Captured {
  // latin1 keeps every byte, because the body may have any encoding.
  const text = bytes.toString('latin1')
  const end = /\r?\n\r?\n/.exec(text)
  const head = end ? text.slice(0, end.index) : text.trimEnd()
  const body = end ? bytes.subarray(end.index + end[0].length) : Buffer.alloc(0)
  const [first = '', ...lines] = head.split(/\r?\n/)
  const [, method = '', target = ''] = /^([A-Z]+) (\S+)(?: HTTP\/[\d.]+)?$/.exec(first.trim()) ?? []
  if (method === '') throw new UsageError(`the capture does not begin with a request line.\n${captureForms}`)
  const headers = lines.map(
    (line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const,
  )
  return complete(method, target, headers, body)
}

function complete(
  method: string,
  target: string,
  named: readonly (readonly [string, string])[],
  body: Buffer,
): Captured {
  const headers = Object.fromEntries(named.map(([name, text]) => [name.toLowerCase(), text]))
  const { pathname, search } = new URL(target, 'http://localhost')
  const path = /^https?:/.test(target) ? pathname + search : target
  return { method, target: path, headers, body }
}
