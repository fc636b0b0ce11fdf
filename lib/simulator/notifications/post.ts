import { Agent, request } from 'undici'

/** What the merchant answered. */
export interface Reply {
  readonly status: number
  readonly body: string
}

/** DOKU's own patience is not documented; below 5 s is recommended to merchants (protocol.md section 7.3). */
const PATIENCE_MS = 10_000

/** POSTs to the merchant. Follows no redirect: an answer other than 2xx is a failed delivery. */
export interface Postman {
  post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<Reply>
  /** Cuts what is under way. */
  close(): Promise<void>
}

export function createPostman(): Postman {
  const dispatcher = new Agent({ headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS, connectTimeout: PATIENCE_MS })
  return {
    async post(url, headers, body) {
      const allHeaders = { 'content-type': 'application/json', ...headers }
      const reply = await request(url, { dispatcher, method: 'POST', headers: allHeaders, body })
      return { status: reply.statusCode, body: await reply.body.text() }
    },
    close: () => dispatcher.destroy(),
  }
}
