import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** One request that a server of this process has answered, as it went over the wire. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly method: string
  readonly requestBody: string
  readonly status: number
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

type Answered = (exchange: Exchange) => void

/** Tells of every answer of every HTTP server in this process, as soon as it is written. */
export function observeServers(answered: Answered): void {
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
    const received = collect(request, ['push'])
    const sent = collect(response, ['write', 'end'], () => {
      const wire = headOf(response)
      if (wire) answered({ request, method: request.method ?? '', requestBody: received(), ...wire, body: sent() })
    })
  })
}

/** Keeps what goes through these methods; listening to the stream would change how it flows. */
function collect(target: object, methods: readonly string[], onEnd?: () => void): () => string {
  const chunks: Buffer[] = []
  const holder = target as Record<string, (...args: unknown[]) => unknown>
  for (const method of methods) {
    const original = holder[method] as (...args: unknown[]) => unknown
    holder[method] = function (this: unknown, ...args: unknown[]) {
      const [chunk] = args
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk as string))
      const result = original.apply(this, args)
      if (method === 'end') onEnd?.()
      return result
    }
  }
  return () => Buffer.concat(chunks).toString()
}

/** The head as Node wrote it: what `writeHead` was given need not be among `getHeaders()`. */
function headOf(response: ServerResponse): Pick<Exchange, 'status' | 'headers'> | undefined {
  const { _header: head } = response as ServerResponse & { _header?: string | null }
  if (!head) return undefined
  const lines = head.split('\r\n').slice(1).filter(Boolean)
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  return { status: response.statusCode, headers: new Map(headers) }
}
