/** What a signed call is answered with. */
export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

interface Case {
  readonly status: number
  readonly code: string
  readonly message: string
}

/** DOKU's response cases, as far as this simulator gives them. @see protocol.md section 8 */
const CASES = {
  successful: { status: 200, code: '00', message: 'Successful' },
  badRequest: { status: 400, code: '00', message: 'Bad Request' },
  invalidFieldFormat: { status: 400, code: '01', message: 'Invalid Field Format' },
  invalidMandatoryField: { status: 400, code: '02', message: 'Invalid Mandatory Field' },
  unauthorized: { status: 401, code: '00', message: 'Unauthorized.' },
  invalidToken: { status: 401, code: '01', message: 'Invalid Token (B2B)' },
  invalidCustomerToken: { status: 401, code: '02', message: 'Invalid Customer Token' },
  tokenNotFound: { status: 401, code: '03', message: 'Token Not Found (B2B)' },
  customerTokenNotFound: { status: 401, code: '04', message: 'Customer Token Not Found' },
  insufficientFunds: { status: 403, code: '14', message: 'Insufficient Funds' },
  transactionNotPermitted: { status: 403, code: '15', message: 'Transaction Not Permitted.' },
  transactionNotFound: { status: 404, code: '01', message: 'Transaction Not Found' },
  invalidRouting: { status: 404, code: '02', message: 'Invalid Routing' },
  functionNotSupported: { status: 405, code: '00', message: 'Requested Function Is Not Supported' },
  conflict: { status: 409, code: '00', message: 'Conflict' },
  duplicateReference: { status: 409, code: '01', message: 'Duplicate partnerReferenceNo' },
  generalError: { status: 500, code: '00', message: 'General Error' },
} satisfies Record<string, Case>

export type CaseName = keyof typeof CASES

/** Thrown to refuse a call. `detail` is the field's name or the reason, which DOKU appends to the message. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly caseName: CaseName
  readonly detail: string

  constructor(caseName: CaseName, detail = '') {
    super(`${CASES[caseName].message} ${detail}`.trimEnd())
    this.caseName = caseName
    this.detail = detail
  }
}

/** A responseCode is the HTTP status (3), the operation's service code (2) and the case (2). */
export function responseCode(caseName: CaseName, serviceCode: string): string {
  const { status, code } = CASES[caseName]
  return `${status}${serviceCode}${code}`
}

export function succeed(serviceCode: string, fields: Readonly<Record<string, unknown>>): Answer {
  const { status, message } = CASES.successful
  return {
    status,
    body: { responseCode: responseCode('successful', serviceCode), responseMessage: message, ...fields },
  }
}

export function refuse(serviceCode: string, refusal: Refusal): Answer {
  const body = { responseCode: responseCode(refusal.caseName, serviceCode), responseMessage: refusal.message }
  return { status: CASES[refusal.caseName].status, body }
}
