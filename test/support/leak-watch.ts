import { subscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import type { HookEvent, Logger, Storage } from 'express-doku-ovo'
import type { Simulator } from 'express-doku-ovo/simulator'
import { decorate, isWrite } from './decorate.ts'
import { dokuKeys, merchantKeys, secretKey } from './keys.ts'

/**
 * Looks at everything that a stranger may get to read, in every test that goes through `startShop`, `startScene`,
 * `testOptions` or `rejection`: mocha's root hooks, `contract/hooks.ts`, ask at the end what was found.
 */

const keyLines = [merchantKeys.privateKey, dokuKeys.privateKey].flatMap((pem) => pem.split('\n').slice(1, -2))

/** What no test's logs, channels, errors, answers or records may show: keys, tokens, codes, whole phone numbers. */
const confidential = [
  new RegExp([secretKey, ...keyLines.map((line) => line.replaceAll(/[+/]/g, '\\$&'))].join('|')),
  /(?:accessToken|customerToken|auth-code)-secret-\d/,
  // From where a word begins: it is held against hostile texts, too, and must not go back in them.
  /(?<![\w-])eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{20,}/,
  /8120000000\d|81234567890/,
]

const hits = new Set<string>()
/** How much of each kind was looked at. */
export const counts = new Map<string, number>()
/** How often each line was logged, by level and message. Warnings are left out: they are known by their codes. */
export const logged = new Map<string, number>()
/** What was seen while a simulator was running: its secrets are known only when it is over. */
const texts: string[] = []
let running = 0

/** In every way in which somebody might print it; JSON and `inspect` show little of an error, so errors are taken apart. */
export function spellings(value: unknown): string[] {
  return [inspect(value, { depth: 10 }), JSON.stringify(value) ?? '', ...errorsIn(value)]
}

function errorsIn(value: unknown, depth = 0): string[] {
  if (typeof value !== 'object' || value === null || depth > 8) return []
  const inner = Reflect.ownKeys(value).map((name) => (value as Record<PropertyKey, unknown>)[name])
  const own =
    value instanceof Error ? [`${value} ${value.stack} ${inspect(value, { depth: 10, showHidden: true })}`] : []
  return [...own, ...inner.flatMap((one) => errorsIn(one, depth + 1))]
}

function look(kind: string, text: string): void {
  counts.set(kind, (counts.get(kind) ?? 0) + 1)
  if (running > 0) texts.push(text)
  for (const pattern of confidential) if (pattern.test(text)) hits.add(`${kind}: ${around(text, text.search(pattern))}`)
}

const around = (text: string, at: number) => text.slice(Math.max(0, at - 80), at + 60)

export function lookAt(kind: string, value: unknown): void {
  look(kind, spellings(value).join('\n'))
}

/** Plain data, of which there is much. */
function lookAtData(kind: string, value: unknown): void {
  look(kind, JSON.stringify(value))
}

for (const name of ['call', 'webhook', 'change']) {
  subscribe(`express-doku-ovo:${name}`, (message) => lookAtData(`channel ${name}`, message))
}
process.on('warning', (warning) => lookAt('process warning', warning))

/** Hears nothing but secrets. */
export const watchingLogger: Logger = watched(() => {})

/** A logger that is looked at, and hands on to a test. */
export function watched(write: (level: string, details: object, message: string) => void): Logger {
  const at = (level: string) => (details: object, message: string) => {
    lookAt('log', [details, message])
    const line = `${level} ${message}`
    if (!('code' in details)) logged.set(line, (logged.get(line) ?? 0) + 1)
    write(level, details, message)
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

export function lookAtEvent(event: HookEvent): void {
  lookAtData('hook', event)
}

/** The storage, with what is written to it looked at. */
export function watchedStorage(storage: Storage): Storage {
  return decorate(storage, {
    before: (call) => {
      if (isWrite(call)) lookAtData('storage', call.args.slice(0, 2))
    },
  })
}

/** Keeps what is seen from here on, until `lookForSecretsOf`. */
export function keepTexts(): number {
  running++
  return texts.length
}

const sentSecrets = /"(?:authCode|tokenId)":"([^"]{12,})"/g

/** Looks through what was seen since `from` for what this simulator and its merchant had between them. */
export function lookForSecretsOf({ calls }: Simulator, from: number): void {
  const known = new Set<string>()
  for (const { headers, body } of calls) {
    for (const name of ['authorization', 'authorization-customer', 'x-signature']) {
      const value = String(headers[name] ?? '').replace(/^Bearer /, '')
      if (value.length >= 12) known.add(value)
    }
    for (const [, secret = ''] of String(body).matchAll(sentSecrets)) known.add(secret)
  }
  const all = texts.slice(from).join('\n')
  for (const secret of known) if (all.includes(secret)) hits.add(`simulator: ${around(all, all.indexOf(secret))}`)
  if (--running === 0) texts.length = 0
}

/** What was found since the last time. */
export function takeLeaks(): string[] {
  const taken = [...hits]
  hits.clear()
  return taken
}
