/** The meaning of DOKU's answer, in our words. */
export type Meaning =
  | 'success'
  | 'in-progress'
  | 'invalid-request'
  | 'unauthorized'
  | 'access-token-invalid'
  | 'customer-token-invalid'
  | 'declined'
  | 'not-found'
  | 'cancelled'
  | 'duplicate'
  | 'inconsistent'
  | 'too-many-requests'
  | 'unknown'

/** The money after an answer to a payment request. If it is `unknown`, only a status check or a notification can tell. */
export type PaymentVerdict = 'accepted' | 'failed' | 'cancelled' | 'unknown'

/**
 * A payment counts as failed only after a definite answer. Every doubt is `unknown`.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-2
 */
export const paymentVerdicts: Readonly<Record<Meaning, PaymentVerdict>> = {
  success: 'accepted',
  'in-progress': 'unknown',
  'invalid-request': 'failed',
  unauthorized: 'failed',
  'access-token-invalid': 'failed',
  'customer-token-invalid': 'failed',
  declined: 'failed',
  'not-found': 'failed',
  cancelled: 'cancelled',
  duplicate: 'unknown',
  inconsistent: 'failed',
  'too-many-requests': 'failed',
  unknown: 'unknown',
}

/** One row of `responseCodes`. */
export interface ResponseCode {
  readonly httpStatus: number
  /** The last two digits of the responseCode. */
  readonly caseCode: string
  readonly message: string
  readonly meaning: Meaning
}

const row = (httpStatus: number, caseCode: string, message: string, meaning: Meaning): ResponseCode => ({
  httpStatus,
  caseCode,
  message,
  meaning,
})

/**
 * SNAP's response codes.
 * @example
 * ```ts
 * import { responseCodes } from 'express-doku-ovo'
 *
 * const declined = responseCodes.filter(({ meaning }) => meaning === 'declined')
 * ```
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#8 (its sources ERR, ASPI-SEC, and the extras of JAVA)
 */
export const responseCodes: readonly ResponseCode[] = [
  row(200, '00', 'Successful', 'success'),
  row(202, '00', 'Request In Progress', 'in-progress'),
  row(400, '00', 'Bad Request', 'invalid-request'),
  row(400, '01', 'Invalid Field Format', 'invalid-request'),
  row(400, '02', 'Invalid Mandatory Field', 'invalid-request'),
  row(400, '03', 'Transaction Already Success', 'duplicate'),
  row(400, '04', 'Invalid Parameter', 'invalid-request'),
  row(401, '00', 'Unauthorized', 'unauthorized'),
  row(401, '01', 'Invalid Token (B2B)', 'access-token-invalid'),
  row(401, '02', 'Invalid Customer Token', 'customer-token-invalid'),
  row(401, '03', 'Token Not Found (B2B)', 'access-token-invalid'),
  row(401, '04', 'Customer Token Not Found', 'customer-token-invalid'),
  row(403, '00', 'Transaction Expired', 'declined'),
  row(403, '01', 'Feature Not Allowed', 'declined'),
  row(403, '02', 'Exceeds Transaction Amount Limit', 'declined'),
  row(403, '03', 'Suspected Fraud', 'declined'),
  row(403, '04', 'Activity Count Limit Exceeded', 'declined'),
  row(403, '05', 'Do Not Honor', 'declined'),
  row(403, '06', 'Feature Not Allowed At This Time', 'declined'),
  row(403, '07', 'Card Blocked', 'declined'),
  row(403, '08', 'Card Expired', 'declined'),
  row(403, '09', 'Dormant Account', 'declined'),
  row(403, '10', 'Need To Set Token Limit', 'declined'),
  row(403, '11', 'OTP Blocked', 'declined'),
  row(403, '12', 'OTP Lifetime Expired', 'declined'),
  // The customer can still pay with the OTP.
  row(403, '13', 'OTP Sent To Cardholder', 'in-progress'),
  row(403, '14', 'Insufficient Funds', 'declined'),
  row(403, '15', 'Transaction Not Permitted', 'declined'),
  row(403, '16', 'Suspend Transaction', 'declined'),
  row(403, '17', 'Token Limit Exceeded', 'declined'),
  row(403, '18', 'Inactive Card/Account/Customer', 'declined'),
  row(403, '19', 'Merchant Blacklisted', 'declined'),
  row(403, '20', 'Merchant Limit Exceed', 'declined'),
  row(403, '21', 'Set Limit Not Allowed', 'declined'),
  row(403, '22', 'Token Limit Invalid', 'declined'),
  row(403, '23', 'Account Limit Exceed', 'declined'),
  row(404, '00', 'Invalid Transaction Status', 'declined'),
  row(404, '01', 'Transaction Not Found', 'not-found'),
  row(404, '02', 'Invalid Routing', 'invalid-request'),
  row(404, '03', 'Bank Not Supported By Switch', 'declined'),
  row(404, '04', 'Transaction Cancelled', 'cancelled'),
  row(404, '05', 'Merchant Is Not Registered For Card Registration Services', 'declined'),
  row(404, '06', 'Need To Request OTP', 'declined'),
  row(404, '07', 'Journey Not Found', 'declined'),
  row(404, '08', 'Invalid Merchant', 'invalid-request'),
  row(404, '09', 'No Issuer', 'declined'),
  row(404, '10', 'Invalid API Transition', 'invalid-request'),
  row(404, '11', 'Invalid Card/Account/Customer', 'declined'),
  row(404, '12', 'Invalid Bill/Virtual Account', 'declined'),
  row(404, '13', 'Invalid Amount', 'declined'),
  row(404, '14', 'Paid Bill', 'duplicate'),
  row(404, '15', 'Invalid OTP', 'declined'),
  row(404, '16', 'Partner Not Found', 'invalid-request'),
  row(404, '17', 'Invalid Terminal', 'invalid-request'),
  // ASPI's rule: a failure of a payment, but a success of a refund.
  row(404, '18', 'Inconsistent Request', 'inconsistent'),
  row(404, '19', 'Invalid Bill/Virtual Account (expired)', 'declined'),
  row(405, '00', 'Requested Function Is Not Supported', 'invalid-request'),
  row(405, '01', 'Requested Operation Is Not Allowed', 'declined'),
  // A 409 never means failed: the first request with this id or reference may have been carried out. See [protocol §11](https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#11)
  row(409, '00', 'Conflict', 'duplicate'),
  row(409, '01', 'Duplicate partnerReferenceNo', 'duplicate'),
  row(429, '00', 'Too Many Requests', 'too-many-requests'),
  row(500, '00', 'General Error', 'unknown'),
  row(500, '01', 'Internal Server Error', 'unknown'),
  row(500, '02', 'External Server Error', 'unknown'),
  row(500, '13', 'OTP Sent To Cardholder', 'unknown'),
  row(504, '00', 'Timeout', 'unknown'),
]

const byCode = new Map(responseCodes.map((entry) => [`${entry.httpStatus}${entry.caseCode}`, entry.meaning]))

/**
 * The seven digits of a responseCode: HTTP status, service code, case code. DOKU's page has the misprint `20054000`
 * with one digit too many, so that counts too.
 * @returns undefined if it is no responseCode
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-5
 */
export function normaliseResponseCode(code: unknown): string | undefined {
  const text = typeof code === 'number' ? String(code) : code
  if (typeof text !== 'string' || !/^[2-5]\d{6}0?$/.test(text)) return undefined
  return text.slice(0, 7)
}

/**
 * The meaning of an answer by HTTP status and responseCode together. If they contradict each other it is `unknown`. A 409
 * with a `200…` code is the original answer sent again. A `200…` code counts with every HTTP status of success
 * but 202.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-20
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-5
 */
export function meaningOf(httpStatus: number, responseCode: string | undefined): Meaning {
  if (httpStatus >= 500 || responseCode === undefined) return 'unknown'
  if (httpStatus === 202 || responseCode.startsWith('202')) return 'in-progress'
  if (responseCode.startsWith('200')) return isSuccess(httpStatus) || httpStatus === 409 ? 'success' : 'unknown'
  if (httpStatus === 409) return 'duplicate'
  const agrees = responseCode.startsWith(String(httpStatus))
  return (agrees && byCode.get(responseCode.slice(0, 3) + responseCode.slice(5))) || 'unknown'
}

/** Whether the HTTP status alone means success. */
export function isSuccess(httpStatus: number): boolean {
  return httpStatus >= 200 && httpStatus < 300
}
