import type { ErrorRequestHandler, NextFunction, Request, RequestHandler, Response } from 'express'
import {
  type ProblemCode,
  ProblemError,
  problemTypes,
  problemTypeUrl,
  type StandingAttempt,
  StorageError,
} from '../../errors.ts'
import { sendText, setSecurityHeaders } from './answer.ts'

/** Answers a request. Its errors are answered too. */
export type Handler = (req: Request, res: Response) => Promise<void>

/** Tells a customer why there is no other answer: RFC 9457, with a stable `code`. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ProblemCode
  readonly detail: string
  /** The input at fault. */
  readonly field?: string
  /** With ORDER_CHANGED: the attempt that stands. */
  readonly attempt?: StandingAttempt
}

/** Runs the handler and answers its rejection, which Express 4 would not notice. */
export function handle(run: Handler): RequestHandler {
  return async (req, res, next) => {
    try {
      await run(req, res)
    } catch (error) {
      answerError(error, res, next)
    }
  }
}

/** Checks a request before the route's handler. An error of the check is the answer. */
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

/** The same for a check that waits for something. */
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

/** The caller sent an address in which a `%` begins no character. The host's error handler has nothing to do with it. */
export const answerUndecodable: ErrorRequestHandler = (error, _req, res, next) => {
  // Express gives its own error a status. A URIError that a function of the host threw has none.
  const isOfAddress = error instanceof URIError && (error as { status?: unknown }).status === 400
  if (!isOfAddress || res.headersSent) return next(error)
  sendProblem(res, toProblem('INVALID_FIELD', 'The address has a % that stands for no character.'))
}

export function toProblem(
  code: ProblemCode,
  detail: string,
  { field, attempt }: Pick<Problem, 'field' | 'attempt'> | ProblemError = {},
): Problem {
  const { status, title } = problemTypes[code]
  const details = { ...(field !== undefined && { field }), ...(attempt && { attempt }) }
  return { type: problemTypeUrl(code), title, status, code, detail, ...details }
}

/** Answers the errors that a customer can be told. All others go to the host. */
function answerError(error: unknown, res: Response, next: NextFunction): void {
  const problem = problemOf(error)
  if (problem && !res.headersSent) sendProblem(res, problem)
  else next(error)
}

function problemOf(error: unknown): Problem | undefined {
  if (error instanceof ProblemError) return toProblem(error.code, error.detail, error)
  if (!(error instanceof StorageError)) return undefined
  return toProblem('STORAGE_UNAVAILABLE', 'The outcome is not known; look again in a moment.')
}

function sendProblem(res: Response, problem: Problem): void {
  // The error may have come before any route, so before `setHeaders`.
  setSecurityHeaders(res)
  sendText(res, problem.status, 'application/problem+json; charset=utf-8', JSON.stringify(problem))
}
