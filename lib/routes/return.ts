import type { Request } from 'express'
import { ProblemError } from '../errors.ts'
import type { Bindings } from '../flows/binding.ts'
import { isOwner } from '../flows/owner.ts'
import type { Payments } from '../flows/payment.ts'
import type { ReturnOutcome, ReturnPurpose, ReturnStates, ReturnSubject } from '../flows/return-state.ts'
import { type WhoAsks, whoAsksIfAnybody } from './middleware/identify.ts'
import { type Handler, redirect, sendPage } from './middleware/problem.ts'
import { returnPage } from './return-page.ts'

export interface ReturnParts {
  readonly states: ReturnStates
  readonly bindings: Bindings
  readonly payments: Payments
  readonly whoAsks: WhoAsks
  readonly returnUrls: { readonly [purpose in ReturnPurpose]?: string | undefined }
}

/** How it stands, as far as DOKU says; the browser is told no more than that. */
interface Standing {
  readonly status: string
  readonly partnerReferenceNo?: string
}

/**
 * `GET /return/:purpose/:state/:outcome`: the browser comes back from OVO. That proves nothing: DOKU is asked, and the
 * browser goes on to the host's page with `?purpose=…&status=…`, or sees a small page of our own.
 */
export function returnRoute(parts: ReturnParts): Handler {
  return async (req, res) => {
    const purpose = readPurpose(req.params.purpose)
    const outcome: ReturnOutcome = req.params.outcome === 'success' ? 'success' : 'failed'
    const subject = purpose && parts.states.open(purpose, String(req.params.state))
    const isTheirs = subject && (await isForWhoAsks(req, subject, parts.whoAsks))
    const standing = purpose && isTheirs ? await find(parts, purpose, subject, outcome) : undefined
    if (!purpose || !standing) return sendPage(res, 404, returnPage('payment', 'unknown-address'))
    const url = parts.returnUrls[purpose]
    if (url === undefined) return sendPage(res, 200, returnPage(purpose, standing.status))
    redirect(res, withQuery(url, { purpose, ...standing }))
  }
}

function readPurpose(text: unknown): ReturnPurpose | undefined {
  return text === 'binding' || text === 'payment' ? text : undefined
}

/** OVO's page may send the customer back into a browser where nobody is signed in; but not somebody else. */
async function isForWhoAsks(req: Request, subject: ReturnSubject, whoAsks: WhoAsks): Promise<boolean> {
  const customer = await whoAsksIfAnybody(whoAsks, req)
  return customer === undefined || isOwner(customer, subject)
}

async function find(
  { bindings, payments }: ReturnParts,
  purpose: ReturnPurpose,
  subject: ReturnSubject,
  outcome: ReturnOutcome,
): Promise<Standing | undefined> {
  if (purpose === 'payment') {
    const payment = await payments.returned(subject)
    return payment && { status: payment.status, partnerReferenceNo: payment.partnerReferenceNo }
  }
  try {
    return { status: (await bindings.returned(subject, outcome)).status }
  } catch (error) {
    // DOKU cannot be asked right now: the page says how it stands here.
    if (!(error instanceof ProblemError)) throw error
    return { status: (await bindings.find({ id: subject.customerId })).status }
  }
}

function withQuery(url: string, query: Record<string, string>): string {
  const target = new URL(url)
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value)
  return target.href
}
