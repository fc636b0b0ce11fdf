import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { CallMessage, ChangeMessage, WebhookMessage } from 'express-doku-ovo'

/** One function for the messages of each diagnostics channel of the plug-in. */
interface Listeners {
  readonly call: (message: CallMessage) => void
  readonly webhook: (message: WebhookMessage) => void
  readonly change: (message: ChangeMessage) => void
}

/** Listens to the plug-in's diagnostics channels. Returns a function that stops listening. */
export function hearChannels({ call, webhook, change }: Listeners): () => void {
  const byName: Record<string, (message: unknown) => void> = {
    'express-doku-ovo:call': (message) => call(message as CallMessage),
    'express-doku-ovo:webhook': (message) => webhook(message as WebhookMessage),
    'express-doku-ovo:change': (message) => change(message as ChangeMessage),
  }
  for (const [name, listener] of Object.entries(byName)) subscribe(name, listener)
  return () => {
    for (const [name, listener] of Object.entries(byName)) unsubscribe(name, listener)
  }
}
