import type { RequestHandler } from 'express'
import type { Gate } from '../../flows/gate.ts'
import { handle } from './problem.ts'

/** The handler, counted as under way until it is done, too: a customer may leave long before DOKU has answered. */
export function underWay(gate: Gate, handler: RequestHandler): RequestHandler {
  return (req, res, next) => gate.run(async () => handler(req, res, next))
}

/** Counts a request as under way until its answer is out; while the router closes, none is let in. */
export function letIn(gate: Gate): RequestHandler {
  return (req, res, next) => {
    const enter = handle(async () => {
      res.once('close', gate.enter())
      next()
    })
    enter(req, res, next)
  }
}
