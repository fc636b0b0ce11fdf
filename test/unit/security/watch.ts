import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { HookEvent, Logger, Storage } from 'express-doku-ovo'
import { spellings } from '../../support/leak-watch.ts'
import { spied } from '../../support/scene.ts'

/** Everything that a stranger may get to read, as text, with where it was found. */
export interface Watch {
  readonly seen: { readonly where: string; readonly text: string }[]
  readonly logger: Logger
  readonly hook: (event: HookEvent) => void
  /** Keeps what a promise was rejected with, and swallows it. */
  of(where: string, work: Promise<unknown>): Promise<unknown>
  note(where: string, value: unknown): void
  store(storage: Storage): Storage
  /** `where: text` of what contains one of these. */
  hits(canaries: readonly string[]): string[]
  end(): void
}

const channelNames = ['call', 'webhook', 'change'].map((name) => `express-doku-ovo:${name}`)

export function watch(): Watch {
  const seen: { where: string; text: string }[] = []
  const note = (where: string, value: unknown) => void seen.push({ where, text: spellings(value).join('\n') })
  const log = (level: string) => (details: object, message: string) => note(`log ${level}: ${message}`, details)
  const listen = (message: unknown, name: string | symbol) => note(`channel ${String(name)}`, message)
  for (const name of channelNames) subscribe(name, listen)
  return {
    seen,
    note,
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    hook: (event) => note(`hook ${event.type}`, event),
    of: (where, work) => work.catch((error) => note(`error of ${where}`, error)),
    store(storage) {
      const spy = spied(storage)
      spy.written.push = (...writes) => {
        for (const write of writes) note('storage', write)
        return 0
      }
      return spy
    },
    hits: (canaries) =>
      seen.flatMap(({ where, text }) =>
        canaries.filter((canary) => text.includes(canary)).map((canary) => `${where}: ${around(text, canary)}`),
      ),
    end() {
      for (const name of channelNames) unsubscribe(name, listen)
    },
  }
}

function around(text: string, canary: string): string {
  const at = text.indexOf(canary)
  return text.slice(Math.max(0, at - 60), at + canary.length + 20)
}
