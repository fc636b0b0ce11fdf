interface Case {
  readonly status: number
  readonly code: string
  readonly message: string
}

/**
 * The response cases of DOKU that this simulator can answer with.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#8
 */
const CASES = {
  successful: { status: 200, code: '00', message: 'Successful' },
  requestInProgress: { status: 202, code: '00', message: 'Request In Progress' },
  badRequest: { status: 400, code: '00', message: 'Bad Request' },
  invalidFieldFormat: { status: 400, code: '01', message: 'Invalid Field Format' },
  invalidMandatoryField: { status: 400, code: '02', message: 'Invalid Mandatory Field' },
  unauthorized: { status: 401, code: '00', message: 'Unauthorized.' },
  invalidToken: { status: 401, code: '01', message: 'Invalid Token (B2B)' },
  invalidCustomerToken: { status: 401, code: '02', message: 'Invalid Customer Token' },
  tokenNotFound: { status: 401, code: '03', message: 'Token Not Found (B2B)' },
  customerTokenNotFound: { status: 401, code: '04', message: 'Customer Token Not Found' },
  transactionExpired: { status: 403, code: '00', message: 'Transaction Expired' },
  featureNotAllowed: { status: 403, code: '01', message: 'Feature Not Allowed' },
  exceedsAmountLimit: { status: 403, code: '02', message: 'Exceeds Transaction Amount Limit' },
  suspectedFraud: { status: 403, code: '03', message: 'Suspected Fraud' },
  activityCountLimitExceeded: { status: 403, code: '04', message: 'Activity Count Limit Exceeded' },
  doNotHonor: { status: 403, code: '05', message: 'Do Not Honor' },
  featureNotAllowedAtThisTime: { status: 403, code: '06', message: 'Feature Not Allowed At This Time.' },
  insufficientFunds: { status: 403, code: '14', message: 'Insufficient Funds' },
  transactionNotPermitted: { status: 403, code: '15', message: 'Transaction Not Permitted.' },
  suspendTransaction: { status: 403, code: '16', message: 'Suspend Transaction' },
  inactiveAccount: { status: 403, code: '18', message: 'Inactive Card/Account/Customer' },
  merchantBlacklisted: { status: 403, code: '19', message: 'Merchant Blacklisted' },
  merchantLimitExceeded: { status: 403, code: '20', message: 'Merchant Limit Exceed' },
  accountLimitExceeded: { status: 403, code: '23', message: 'Account Limit Exceed' },
  invalidTransactionStatus: { status: 404, code: '00', message: 'Invalid Transaction Status' },
  transactionNotFound: { status: 404, code: '01', message: 'Transaction Not Found' },
  invalidRouting: { status: 404, code: '02', message: 'Invalid Routing' },
  transactionCancelled: { status: 404, code: '04', message: 'Transaction Cancelled' },
  invalidMerchant: { status: 404, code: '08', message: 'Invalid Merchant' },
  invalidAccount: { status: 404, code: '11', message: 'Invalid Card/Account/Customer' },
  invalidAmount: { status: 404, code: '13', message: 'Invalid Amount' },
  paidBill: { status: 404, code: '14', message: 'Paid Bill' },
  partnerNotFound: { status: 404, code: '16', message: 'Partner Not Found' },
  inconsistentRequest: { status: 404, code: '18', message: 'Inconsistent Request' },
  functionNotSupported: { status: 405, code: '00', message: 'Requested Function Is Not Supported' },
  operationNotAllowed: { status: 405, code: '01', message: 'Requested Opearation Is Not Allowed' },
  conflict: { status: 409, code: '00', message: 'Conflict' },
  duplicateReference: { status: 409, code: '01', message: 'Duplicate partnerReferenceNo' },
  tooManyRequests: { status: 429, code: '00', message: 'Too Many Requests' },
  generalError: { status: 500, code: '00', message: 'General Error' },
  internalServerError: { status: 500, code: '01', message: 'Internal Server Error' },
  externalServerError: { status: 500, code: '02', message: 'External Server Error' },
  timeout: { status: 504, code: '00', message: 'Timeout' },
} satisfies Record<string, Case>

export type CaseName = keyof typeof CASES

/** The message of a case. @returns undefined for a case that DOKU does not list */
export function messageOf(status: number, code: string): string | undefined {
  return Object.values<Case>(CASES).find((one) => one.status === status && one.code === code)?.message
}

/** An answer to a call of the merchant. */
export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** Thrown to refuse a call. DOKU appends `detail`, a field's name or a reason, to the message. */
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

/** A responseCode is made of the HTTP status (3 digits), the operation's service code (2) and the case (2). */
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
