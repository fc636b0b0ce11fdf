import { toDeviceId } from '../../lib/doku/requests.ts'
import { parseTimestamp } from '../../lib/doku/timestamp.ts'
import { ProblemError } from '../../lib/errors.ts'
import { digestInReference } from '../../lib/flows/orders/payment-record.ts'
import { bindingInput, customerOutput, normalisePhoneNo, refundInput } from '../../lib/model/input.ts'
import { isReference } from '../../lib/model/reference.ts'
import { minifyJson } from '../../lib/primitives/json.ts'
import { parseAmountValue } from '../../lib/primitives/money.ts'
import { redact, redactHeaders } from '../../lib/redaction.ts'
import { draft, request } from './genuine.ts'
import { openMerchant } from './merchant.ts'
import { withHeader } from './mutant.ts'
import { routeReaders } from './routes.ts'

/** Something that reads what strangers send. Resolves to what is wrong with how it took it; `undefined`: nothing. */
export interface Reader<T> {
  readonly name: string
  readonly read: (input: T) => Promise<string | undefined>
}

/** The only error that a customer's input may cause is one that the router answers with 4xx. */
function faultOf(error: unknown): string | undefined {
  if (error instanceof ProblemError && error.status < 500) return undefined
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** Everything that looks at a text by a regular expression. */
const patterns: readonly ((text: string) => unknown)[] = [
  normalisePhoneNo,
  parseTimestamp,
  parseAmountValue,
  isReference,
  digestInReference,
  toDeviceId,
  (text) => customerOutput.safeParse({ id: text, ipAddress: text }),
  (text) => bindingInput.safeParse({ phoneNo: text, email: text, dateOfBirth: text, customerName: text }),
  (text) => refundInput.safeParse({ amount: text, partnerRefundNo: text, reason: text }),
  (text) => minifyJson(Buffer.from(text)),
  (text) => redact({ redirectUrl: text, phoneNo: text, note: text }),
  (text) => redactHeaders({ [text]: text, authorization: text }),
]

async function readText(text: string): Promise<string | undefined> {
  try {
    for (const reader of patterns) reader(text)
    return undefined
  } catch (error) {
    return faultOf(error)
  }
}

const faultIn = (httpStatus: number) => (httpStatus >= 500 ? `answered ${httpStatus}` : undefined)

export async function bodyReaders(): Promise<Reader<Buffer>[]> {
  const { webhooks, effects } = await openMerchant()
  const tokenCall = request('token')
  return [
    ...routeReaders(),
    {
      name: 'POST /webhooks/notification, signed',
      async read(body) {
        const { httpStatus } = await webhooks.notification(
          request('payment', draft('payment', { body: body.toString() })),
        )
        return effects.writes > 0 ? 'it had an effect' : faultIn(httpStatus)
      },
    },
    {
      name: 'POST /webhooks/token, signed',
      read: async (body) => faultIn((await webhooks.token({ ...tokenCall, body })).httpStatus),
    },
  ]
}

export async function textReaders(): Promise<Reader<string>[]> {
  const { webhooks } = await openMerchant()
  const names = ['authorization', 'x-timestamp', 'x-signature', 'x-partner-id'] as const
  const header = async (text: string) => {
    const name = names[text.length % names.length] ?? names[0]
    return faultIn((await webhooks.notification(withHeader('payment', name, text))).httpStatus)
  }
  return [
    { name: 'every regular expression', read: readText },
    { name: 'the headers of a notification', read: header },
  ]
}

/** Another one when somebody has got at a prototype. */
export function prototypeState(): string {
  return [Object.prototype, Array.prototype, Function.prototype, String.prototype]
    .map((prototype) => Reflect.ownKeys(prototype).length)
    .join()
}
