import type {
  NotificationAttempt,
  PageVisit,
  RecordedCall,
  Simulator,
  SimulatorEvent,
} from 'express-doku-ovo/simulator'
import { type Conversation, type Draft, detailsOf, type Text } from './conversation.ts'

/** A call in flight, and the verdict of the simulator. */
interface CallInFlight {
  readonly entryId: number
  verdict?: Text
  fault?: string
}

type Headers = Readonly<Record<string, string | undefined>>

/** The calls that have reached the simulator, but are still open for the plug-in. */
export class Calls {
  readonly #begun = new Map<string, CallInFlight>()

  begin(path: string, headers: Headers, begun: CallInFlight): void {
    this.#begun.set(keyOf(path, headers), begun)
  }

  find(path: string, headers: Headers): CallInFlight | undefined {
    return this.#begun.get(keyOf(path, headers))
  }

  take(path: string, headers: Headers): CallInFlight | undefined {
    const begun = this.find(path, headers)
    this.#begun.delete(keyOf(path, headers))
    return begun
  }
}

/** Each request has its own X-EXTERNAL-ID. Token calls have none, so X-TIMESTAMP identifies them. */
function keyOf(path: string, headers: Headers): string {
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return `${path} ${byName.get('x-external-id') ?? byName.get('x-timestamp')}`
}

/** Adds events that the plug-in cannot see: a call in flight, its verdict, and everything at OVO. */
export function hearSimulator(conversation: Conversation, calls: Calls, simulator: Simulator): () => void {
  return simulator.observe((event) => hear(conversation, calls, event))
}

function hear(conversation: Conversation, calls: Calls, event: SimulatorEvent): void {
  if (event.moment === 'arrived') arrived(conversation, calls, event.arrival)
  else if (event.moment === 'decided') decided(calls, event.call)
  else {
    const entry = entryOf(event)
    if (entry) conversation.add(entry)
  }
}

function entryOf(event: SimulatorEvent): Draft | undefined {
  if (event.moment === 'page') return pageEntry(event.page)
  if (event.moment === 'charged') return moneyEntry('charged', event.entry)
  if (event.moment === 'refunded') return moneyEntry('gaveBack', event.entry)
  const isLost = event.moment === 'notified' && event.attempt.error !== undefined
  return isLost ? lostEntry(event.attempt) : undefined
}

function arrived(
  conversation: Conversation,
  calls: Calls,
  { method, path, headers }: { method: string; path: string; headers: Headers },
): void {
  const title = `${method} ${path}`
  const entryId = conversation.add({ from: 'plugin', to: 'doku', title, answer: '', tone: 'pending', details: [] })
  calls.begin(path, headers, { entryId })
}

function decided(calls: Calls, { path, headers, verdict, isAuthentic, fault }: RecordedCall): void {
  const begun = calls.find(path, headers)
  if (!begun) return
  begun.verdict = { words: isAuthentic ? 'verdict.authentic' : 'verdict.notAuthentic', values: { verdict } }
  if (fault) begun.fault = fault
}

function pageEntry({ purpose, method, status }: PageVisit): Draft {
  return {
    from: 'browser',
    to: 'ovo',
    title: { words: `${method === 'POST' ? 'sends' : 'opens'}.${purpose}` },
    answer: String(status),
    tone: status < 400 ? 'good' : 'bad',
    details: detailsOf({ request: method, answer: String(status) }),
  }
}

function moneyEntry(
  words: 'charged' | 'gaveBack',
  { amount, partnerReferenceNo }: { amount: string; partnerReferenceNo: string },
): Draft {
  const details = detailsOf({ event: { amount, partnerReferenceNo } })
  const title = { words, values: { amount: `IDR ${amount}` } }
  return { from: 'doku', to: 'ovo', title, answer: '', tone: 'good', details }
}

function lostEntry({ kind, body, error }: NotificationAttempt): Draft {
  return {
    from: 'doku',
    to: 'plugin',
    title: { words: `notification.${kind}` },
    answer: error ?? '',
    tone: 'bad',
    isLost: true,
    details: detailsOf({ request: { words: `notification.${kind}` }, fault: error, event: Object.keys(body) }),
  }
}
