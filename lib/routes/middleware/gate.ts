import type { RequestHandler } from 'express'
import type { Gate } from '../../flows/gate.ts'
import { check, type Handler } from './problem.ts'

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
