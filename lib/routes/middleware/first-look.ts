import type { Request, RequestHandler } from 'express'
import type { Gate } from '../../flows/gate.ts'
import type { Warnings } from '../../warnings.ts'
import { check, type Handler } from './problem.ts'

/** Whoever asks first may write the path in any case: Express usually takes it. */
function isSamePath(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** Looks at the first request for what only shows there: where the router is mounted, and whom the app believes. */
export function createFirstLook(publicUrl: string, warnings: Warnings): RequestHandler {
  const publicPath = new URL(publicUrl).pathname.replace(/\/+$/, '')
  let hasLooked = false
  const look = (req: Request) => {
    hasLooked = true
    if (req.app.get('trust proxy') === true) warnings.raise('TRUST_PROXY_PERMISSIVE')
    if (!isSamePath(req.baseUrl, publicPath)) warnings.raise('PUBLIC_URL_PATH', { publicPath, mountPath: req.baseUrl })
  }
  return (req, _res, next) => {
    if (!hasLooked) look(req)
    next()
  }
}

/** The handler, counted as under way until it is done, too: a customer may leave long before DOKU has answered. */
export function underWay(gate: Gate, run: Handler): Handler {
  return (req, res) => gate.run(() => run(req, res))
}

/** Counts a request as under way until its answer is out; while the router closes, none is let in. */
export function letIn(gate: Gate): RequestHandler {
  return check((_req, res) => {
    res.once('close', gate.enter())
  })
}
