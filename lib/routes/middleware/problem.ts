import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { type ProblemCode, ProblemError, problemTypes, problemTypeUrl, StorageError } from '../../errors.ts'

/** Everything we answer is about one customer, now. */
const always = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' } as const

function send(res: Response, status: number, type: string, body: string, headers: Record<string, string> = {}): void {
  res.writeHead(status, { ...always, 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), ...headers })
  res.end(body)
}

/** Writes the answer itself: `res.json` would look at settings and ETags that mean nothing here. */
export function sendJson(res: Response, status: number, body: object, headers?: Record<string, string>): void {
  send(res, status, 'application/json; charset=utf-8', JSON.stringify(body), headers)
}

/** A page without script, style from elsewhere, or a place in a frame. */
export function sendPage(res: Response, status: number, html: string): void {
  send(res, status, 'text/html; charset=utf-8', html, {
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'Referrer-Policy': 'no-referrer',
  })
}

export function redirect(res: Response, url: string): void {
  res.writeHead(303, { ...always, Location: url, 'Referrer-Policy': 'no-referrer' })
  res.end()
}

/** RFC 9457. */
function sendProblem(res: Response, code: ProblemCode, detail: string, field?: string): void {
  const { status, title } = problemTypes[code]
  const type = problemTypeUrl(code)
  const body = { type, title, status, code, detail, ...(field !== undefined && { field }) }
  send(res, status, 'application/problem+json; charset=utf-8', JSON.stringify(body))
}

/** Answers what the customer can be told; everything else is the host's. */
function answerError(error: unknown, res: Response, next: NextFunction): void {
  if (error instanceof ProblemError && !res.headersSent) sendProblem(res, error.code, error.detail, error.field)
  else if (error instanceof StorageError && !res.headersSent) {
    sendProblem(res, 'STORAGE_UNAVAILABLE', 'What became of it is not known; look again in a moment.')
  } else next(error)
}

/** A handler whose rejection is answered; Express 4 would not notice it. */
export function handle(run: (req: Request, res: Response) => Promise<void>): RequestHandler {
  return (req, res, next) => run(req, res).catch((error) => answerError(error, res, next))
}
