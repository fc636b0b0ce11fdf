import type { Request } from 'express'
import { ProblemError } from '../errors.ts'
import type { Refunds } from '../flows/refund.ts'
import type { RefundInput } from '../model/input.ts'
import { readJson } from './middleware/body.ts'
import { type Handler, sendJson } from './middleware/problem.ts'

/** `POST /payments/:partnerReferenceNo/refunds`: for staff of the shop, whom only the host knows. */
export function refundRoute(refunds: Refunds, isStaff: (req: Request) => Promise<boolean>): Handler {
  return async (req, res) => {
    if (!(await isStaff(req))) throw new ProblemError('FORBIDDEN', 'Refunds are made by staff of the shop.')
    // The flow checks it: it can be anything until then.
    const input = (await readJson(req)) as RefundInput
    const { refund, created } = await refunds.refund(String(req.params.partnerReferenceNo), input)
    const inDoubt = refund.status === 'unknown'
    sendJson(res, created ? (inDoubt ? 202 : 201) : 200, refund)
  }
}
