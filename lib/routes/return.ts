import type { Request } from 'express'
import { ProblemError } from '../errors.ts'
import { isOwner } from '../flows/owner.ts'
import type { ReturnOutcome, ReturnPurpose, ReturnSubject } from '../flows/return-state.ts'
import { redirect, sendPage } from './middleware/answer.ts'
import { customerIfAny, type IdentifyCustomer } from './middleware/identify.ts'
import { returnPage } from './return-page.ts'
import { type CountedRoute, type Flows, minuteMs } from './route.ts'

/** Where the payment or binding stands, as far as DOKU says. The browser is told no more than that. */
interface Standing {
  readonly status: string
  readonly partnerReferenceNo?: string
}

/**
 * The browser comes back from OVO. That proves nothing: DOKU is asked, and the browser goes on to the host's page with
 * `?purpose=…&status=…`, or sees a small page of our own.
 */
export const returnRoutes: Readonly<Record<'return', CountedRoute>> = {
  return: {
    method: 'get',
    path: '/return/:purpose/:state/:outcome',
    caller: 'browser',
    limit: { limit: 300, windowMs: minuteMs },
    handler: (parts) => async (req, res) => {
      const purpose = readPurpose(req.params.purpose)
      const outcome: ReturnOutcome = req.params.outcome === 'success' ? 'success' : 'failed'
      const subject = purpose && parts.flows.returns.open(purpose, String(req.params.state))
      const isTheirs = subject && (await isForCaller(req, subject, parts.identify))
      const standing = purpose && isTheirs ? await find(parts.flows, purpose, subject, outcome) : undefined
      if (!purpose || !standing) return sendPage(res, 404, returnPage('payment', 'unknown-address'))
      const url = parts.returnUrls[purpose]
      if (url === undefined) return sendPage(res, 200, returnPage(purpose, standing.status))
      redirect(res, withQuery(url, { purpose, ...standing }))
    },
    operation: {
      operationId: 'returnFromOvo',
      summary: 'The browser comes back from OVO',
      description:
        'Clients do not call it: the shop gives this address to DOKU. A return proves nothing, so the router asks DOKU.',
      pathParts: {
        purpose: { schema: { type: 'string', enum: ['binding', 'payment'] } },
        state: {
          description: 'Sealed by the router: the customer, and the binding or payment.',
          schema: { type: 'string' },
        },
        outcome: {
          description: 'The outcome that OVO’s page claims.',
          schema: { type: 'string', enum: ['success', 'failed'] },
        },
      },
      answers: {
        200: { description: 'A page with the state, if the shop has no page of its own for it.', isPage: true },
        303: {
          description:
            'To the page of the shop, with `purpose` and `status`, and for a payment with `partnerReferenceNo`.',
          headers: ['Location'],
        },
        404: { description: 'The address is not valid, or belongs to another customer.', isPage: true },
      },
      problems: ['BINDING_NOT_FOUND'],
    },
  },
}

function readPurpose(text: unknown): ReturnPurpose | undefined {
  return text === 'binding' || text === 'payment' ? text : undefined
}

/** OVO's page may open a browser in which nobody is signed in. A browser of another customer is refused. */
async function isForCaller(req: Request, subject: ReturnSubject, identify: IdentifyCustomer): Promise<boolean> {
  const customer = await customerIfAny(identify, req)
  return customer === undefined || isOwner(customer, subject)
}

async function find(
  { bindings, payments }: Flows,
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
    // DOKU cannot be asked right now, so the page shows the state that is stored here.
    if (!(error instanceof ProblemError)) throw error
    return { status: (await bindings.find({ id: subject.customerId })).status }
  }
}

function withQuery(url: string, query: Record<string, string>): string {
  const target = new URL(url)
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value)
  return target.href
}
