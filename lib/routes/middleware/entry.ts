import type { Request, RequestHandler } from 'express'
import type { Gate } from '../../flows/gate.ts'
import type { Warnings } from '../../warnings.ts'
import { check, type Handler } from './problem.ts'

/** Warns, on the first request, about mistakes that only a request shows: the mount path, and `trust proxy`. */
export function checkHost(publicUrl: string, warnings: Warnings): RequestHandler {
  const publicPath = new URL(publicUrl).pathname.replace(/\/+$/, '')
  let isChecked = false
  const checkRequest = ({ app, baseUrl: mountPath }: Request) => {
    isChecked = true
    if (app.get('trust proxy') === true) warnings.raise('TRUST_PROXY_PERMISSIVE')
    // Express ignores the case of a path by default, and the first caller chooses it.
    const isSamePath = mountPath.toLowerCase() === publicPath.toLowerCase()
    if (!isSamePath) warnings.raise('PUBLIC_URL_PATH', { publicPath, mountPath })
  }
  return (req, _res, next) => {
    if (!isChecked) checkRequest(req)
    next()
  }
}

/** Counts the request as in progress until its answer is sent. While the router closes, new requests get 503. */
export function admit(gate: Gate): RequestHandler {
  return check((_req, res) => {
    res.once('close', gate.enter())
  })
}

/** Also counts the handler until it is done, because a customer may leave long before DOKU has answered. */
export function countHandler(gate: Gate, run: Handler): Handler {
  return (req, res) => gate.run(() => run(req, res))
}
