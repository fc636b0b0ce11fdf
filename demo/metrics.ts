import type { RequestHandler } from 'express'
import { Counter, Registry } from 'prom-client'
import { hearChannels } from './channels.ts'

/** Counters for Prometheus. They count only the messages of the plug-in's diagnostics channels. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #stop: () => void

  constructor() {
    const calls = this.#counter('calls', 'Calls to DOKU, by their outcome', 'operation', 'outcome')
    const webhooks = this.#counter('webhooks', 'Requests of DOKU, by the HTTP status of the answer', 'route', 'status')
    const changes = this.#counter('changes', 'Stored changes, by the new status', 'subject', 'status')
    this.#stop = hearChannels({
      call: ({ operation, outcome }) => calls.inc({ operation, outcome }),
      webhook: ({ route, httpStatus }) => webhooks.inc({ route, status: httpStatus }),
      change: ({ subject, to }) => changes.inc({ subject, status: to }),
    })
  }

  /** The text exposition format. */
  readonly handler: RequestHandler = async (_req, res) => {
    res.set({ 'Content-Type': this.#registry.contentType, 'Cache-Control': 'no-store' })
    res.end(await this.#registry.metrics())
  }

  close(): void {
    this.#stop()
  }

  #counter<Label extends string>(what: string, help: string, ...labelNames: Label[]): Counter<Label> {
    return new Counter({ name: `express_doku_ovo_${what}_total`, help, labelNames, registers: [this.#registry] })
  }
}
