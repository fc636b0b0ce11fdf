import type { ErrorRequestHandler, NextFunction, Request, RequestHandler, Response } from 'express'
import { type ProblemCode, ProblemError, problemTypes, problemTypeUrl, StorageError } from '../../errors.ts'

/** A phone with one bar of signal sends the few hundred bytes of our bodies in far less, in ms. */
export const bodyDeadlineMs = 5000

/** Everything we answer is about one customer, now. */
const always = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' } as const

/** What is answered on one of our routes by somebody else: the host's error handler, or Express itself. */
export const dress: RequestHandler = (_req, res, next) => {
  for (const [name, value] of Object.entries(always)) res.setHeader(name, value)
  next()
}

function send(res: Response, status: number, type: string, body: string, headers: Record<string, string> = {}): void {
  res.writeHead(status, { ...always, 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), ...headers })
  res.end(body)
  if (!res.req.complete) limitRest(res.req)
}

/** Who was answered before the body was read may send the rest, or the answer could get lost; but not for ever. */
function limitRest(req: Request): void {
  const timer = setTimeout(() => req.socket.destroy(), bodyDeadlineMs)
  const clear = () => clearTimeout(timer)
  req.once('end', clear).once('close', clear)
}

/** Writes the answer itself: `res.json` would look at settings and ETags that mean nothing here. */
export function sendJson(res: Response, status: number, body: object, headers?: Record<string, string>): void {
  sendJsonText(res, status, JSON.stringify(body), headers)
}

/** The same for what is text already. */
export function sendJsonText(res: Response, status: number, text: string, headers?: Record<string, string>): void {
  send(res, status, 'application/json; charset=utf-8', text, headers)
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

/** What a customer is told when it cannot be done: RFC 9457, and our stable code. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ProblemCode
  readonly detail: string
  /** The input at fault. */
  readonly field?: string
}

export function toProblem(code: ProblemCode, detail: string, field?: string): Problem {
  const { status, title } = problemTypes[code]
  return { type: problemTypeUrl(code), title, status, code, detail, ...(field !== undefined && { field }) }
}

function sendProblem(res: Response, code: ProblemCode, detail: string, field?: string): void {
  const problem = toProblem(code, detail, field)
  send(res, problem.status, 'application/problem+json; charset=utf-8', JSON.stringify(problem))
}

/** Answers what the customer can be told; everything else is the host's. */
function answerError(error: unknown, res: Response, next: NextFunction): void {
  if (error instanceof ProblemError && !res.headersSent) sendProblem(res, error.code, error.detail, error.field)
  else if (error instanceof StorageError && !res.headersSent) {
    sendProblem(res, 'STORAGE_UNAVAILABLE', 'What became of it is not known; look again in a moment.')
  } else next(error)
}

/** An address in which a `%` begins no character is the caller's fault, and not for the host's error handler. */
export const answerUndecodable: ErrorRequestHandler = (error, _req, res, next) => {
  // Express gives its own a status; one that a function of the host has thrown has none.
  const isOfAddress = error instanceof URIError && (error as { status?: unknown }).status === 400
  if (!isOfAddress || res.headersSent) return next(error)
  sendProblem(res, 'INVALID_FIELD', 'The address has a % that stands for no character.')
}

/** A handler whose rejection is answered; Express 4 would not notice it. */
export function handle(run: (req: Request, res: Response) => Promise<void>): RequestHandler {
  return (req, res, next) => run(req, res).catch((error) => answerError(error, res, next))
}
