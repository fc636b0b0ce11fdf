import type { InboundRequest } from '../../lib/doku/inbound.ts'
import type { Random } from '../simulation/engine/random.ts'
import { draft, type Kind, request } from './genuine.ts'

/** A request that is not DOKU's. */
export interface Mutant {
  readonly kind: Kind
  /** What was done to it. */
  readonly trick: string
  readonly request: InboundRequest
  /** Signed with the right secret, but with content that means nothing: may be acknowledged, must have no effect. */
  readonly isSigned?: boolean
}

export type Trick = (random: Random, kind: Kind) => Mutant

const genuine: Readonly<Record<Kind, InboundRequest>> = {
  token: request('token'),
  payment: request('payment', draft('payment')),
  binding: request('binding', draft('binding')),
}

/** DOKU's own request, signed once. */
export function genuineOf(kind: Kind): InboundRequest {
  return genuine[kind]
}

/** The headers that the kind's check looks at. */
export function checkedHeaders(kind: Kind): readonly [string, ...string[]] {
  return kind === 'token'
    ? ['x-client-key', 'x-timestamp', 'x-signature']
    : ['authorization', 'x-partner-id', 'x-timestamp', 'x-signature']
}

export function withHeader(kind: Kind, name: string, value: string | string[] | undefined): InboundRequest {
  return { ...genuineOf(kind), headers: { ...genuineOf(kind).headers, [name]: value } }
}

export const headerOf = (kind: Kind, name: string) => String(genuineOf(kind).headers[name])

export function withBody(kind: Kind, body: Buffer | string): InboundRequest {
  return { ...genuineOf(kind), body: Buffer.from(body) }
}

/** One small change anywhere: a bit, a byte more, less, twice or elsewhere, or the end cut off. */
export function disturbed(random: Random, bytes: Buffer): Buffer {
  const at = random.between(0, Math.max(0, bytes.length - 1))
  const to = Math.min(bytes.length, at + random.between(1, 8))
  const before = bytes.subarray(0, at)
  const changes = [
    () => Buffer.concat([before, Buffer.of((bytes[at] ?? 0) ^ (1 << random.between(0, 7))), bytes.subarray(at + 1)]),
    () => Buffer.concat([before, Buffer.of(random.between(0, 255)), bytes.subarray(at + 1)]),
    () => Buffer.concat([before, Buffer.of(random.between(0, 255)), bytes.subarray(at)]),
    () => Buffer.concat([before, bytes.subarray(at + 1)]),
    () => Buffer.concat([before, bytes.subarray(to)]),
    () => Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]),
    () => Buffer.concat([before, Buffer.from(bytes.subarray(at, to)).reverse(), bytes.subarray(to)]),
    () => before,
    () => Buffer.concat([bytes, bytes.subarray(at)]),
  ] as const
  return Buffer.from(random.pick(changes)())
}

/** The body without the blanks between its tokens, in this file's own words. */
function minified(body: Buffer): string {
  return body.toString('latin1').replace(/("(?:[^"\\]|\\.)*")|[ \t\r\n]+/gs, (_all, text?: string) => text ?? '')
}

/** Whether it is DOKU's request after all: blanks between tokens and the case of "Bearer" mean nothing. */
export function isGenuine({ kind, request: { headers, body, path } }: Mutant): boolean {
  const original = genuineOf(kind)
  const same = checkedHeaders(kind).every(
    (name) => spelling(name, headers[name]) === spelling(name, original.headers[name]),
  )
  const isSameBody =
    kind === 'token' ? grantOf(body) === grantOf(original.body) : minified(body) === minified(original.body)
  return same && isSameBody && (kind === 'token' || path === original.path)
}

function spelling(name: string, value: string | string[] | undefined): string {
  const text = Array.isArray(value) ? value.join(', ') : String(value)
  return name === 'authorization' ? text.replace(/^bearer /i, 'Bearer ') : text
}

/** DOKU's signature does not cover a token call's body: only that it is an object asking for the one grant counts. */
function grantOf(body: Buffer): unknown {
  try {
    return (
      JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)) as { grantType?: unknown }
    ).grantType
  } catch {
    return undefined
  }
}
