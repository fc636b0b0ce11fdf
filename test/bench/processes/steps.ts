import type { Request, RequestHandler, Response } from 'express'
import { ipKeyGenerator, rateLimit } from 'express-rate-limit'
import { type Dispatcher, Pool } from 'undici'
import { customerIdOf } from './shop.ts'

/*
 * What the processes share that show how far a row can get: each step in its cheapest form.
 */

export const basePath = '/direct-debit/core/v1'
export const channel = 'EMONEY_OVO_SNAP'

/** Never reached. */
const limit = 1_000_000_000

export function createLimiter(): RequestHandler {
  return rateLimit({
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (req) => customerIdOf(req) ?? ipKeyGenerator(req.ip ?? ''),
  })
}

interface Sent {
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string
}

/** Posts to DOKU, within a deadline. */
export type Post = (sent: Sent) => Promise<{ httpStatus: number; body: string }>

const deadlineMs = 30_000

export function createPost(dokuUrl: string): Post {
  const pool = new Pool(dokuUrl, { connections: 128 })
  return ({ path, headers, body }) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('too late')), deadlineMs)
      const chunks: Buffer[] = []
      let httpStatus = 0
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart() {},
        onResponseStart(_controller, status) {
          httpStatus = status
        },
        onResponseData: (_controller, chunk) => void chunks.push(chunk),
        onResponseEnd() {
          clearTimeout(timer)
          resolve({ httpStatus, body: Buffer.concat(chunks).toString() })
        },
        onResponseError: (_controller, error) => reject(error),
      }
      pool.dispatch({ path, method: 'POST', headers, body }, handler)
    })
}

export function readBytes(req: Request): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks)))
  })
}

export function send(res: Response, status: number, content: object, headers?: Record<string, string>): void {
  const text = JSON.stringify(content)
  const length = Buffer.byteLength(text)
  res.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': length, ...headers })
  res.end(text)
}
