import type { ErrorRequestHandler, NextFunction, Request, RequestHandler, Response } from 'express'
import { type ProblemCode, ProblemError, problemTypes, problemTypeUrl, StorageError } from '../../errors.ts'

/** A phone with one bar of signal sends the few hundred bytes of our bodies in far less, in ms. */
export const bodyDeadlineMs = 5000

/** Everything we answer is about one customer, now. */
function setAlways(res: Response): void {
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('X-Content-Type-Options', 'nosniff')
}

/** What stands before each route: so also what the host's error handler answers on it, or Express itself, is dressed. */
export const dress: RequestHandler = (_req, res, next) => {
  setAlways(res)
  next()
}

function send(res: Response, status: number, type: string, body: string, headers?: Record<string, string>): void {
  res.statusCode = status
  res.setHeader('Content-Type', type)
  res.setHeader('Content-Length', Buffer.byteLength(body))
  for (const name in headers) res.setHeader(name, headers[name] ?? '')
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
  res.writeHead(303, { Location: url, 'Referrer-Policy': 'no-referrer' })
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
  // It may be before any route that something went wrong.
  setAlways(res)
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

/** What a route does. What it throws is answered. */
export type Handler = (req: Request, res: Response) => Promise<void>

/** A handler whose rejection is answered; Express 4 would not notice it. */
export function handle(run: Handler): RequestHandler {
  return async (req, res, next) => {
    try {
      await run(req, res)
    } catch (error) {
      answerError(error, res, next)
    }
  }
}

/** What has to be so before a route is reached. What it throws is answered. */
export function check(look: (req: Request, res: Response) => void): RequestHandler {
  return (req, res, next) => {
    try {
      look(req, res)
    } catch (error) {
      return answerError(error, res, next)
    }
    next()
  }
}

/** The same for what takes its time. */
export function checkLater(look: Handler): RequestHandler {
  return async (req, res, next) => {
    try {
      await look(req, res)
    } catch (error) {
      return answerError(error, res, next)
    }
    next()
  }
}
