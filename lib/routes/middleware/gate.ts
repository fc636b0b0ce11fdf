import type { RequestHandler } from 'express'
import type { Gate } from '../../flows/gate.ts'
import { handle } from './problem.ts'

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
