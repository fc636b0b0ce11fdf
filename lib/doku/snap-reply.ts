import { DokuOvoError } from '../errors.ts'

/**
 * An answer in SNAP's own shape, to any request of DOKU.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#8
 */
export type SnapReply = { readonly responseCode: string; readonly responseMessage: string }

/**
 * The answer to DOKU's request for our access token.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-1
 */
export type SnapToken = SnapReply & {
  readonly accessToken: string
  readonly tokenType: 'Bearer'
  /** In seconds. */
  readonly expiresIn: number
  readonly additionalInfo: ''
}

/**
 * The service codes of the requests that DOKU sends to us.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#16
 */
export const inboundServiceCodes = { token: '73', binding: '07', payment: '56' } as const

/**
 * The HTTP status and case code of each refusal.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#8
 */
export const refusalCases = {
  badRequest: [400, '00'],
  fieldFormat: [400, '01'],
  mandatoryField: [400, '02'],
  unauthorized: [401, '00'],
  invalidToken: [401, '01'],
  invalidAmount: [404, '13'],
} as const satisfies Record<string, readonly [httpStatus: number, caseCode: string]>

/**
 * We refused a request of DOKU: it changed nothing, and this is the answer.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-1
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-2
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-27
 */
export class InboundRefusal extends DokuOvoError {
  readonly code = 'NOTIFICATION_REFUSED'
  readonly httpStatus: number
  readonly responseCode: string
  readonly responseMessage: string
  constructor(
    serviceCode: string,
    [httpStatus, caseCode]: readonly [httpStatus: number, caseCode: string],
    responseMessage: string,
  ) {
    super(responseMessage)
    this.httpStatus = httpStatus
    this.responseCode = `${httpStatus}${serviceCode}${caseCode}`
    this.responseMessage = responseMessage
  }
}

/** The field is missing or empty. */
export function mandatoryField(serviceCode: string, field: string): InboundRefusal {
  return new InboundRefusal(serviceCode, refusalCases.mandatoryField, `Invalid Mandatory Field ${field}`)
}

/** The field is there, but does not have the form that it must have. */
export function fieldFormat(serviceCode: string, field: string): InboundRefusal {
  return new InboundRefusal(serviceCode, refusalCases.fieldFormat, `Invalid Field Format ${field}`)
}

export function unauthorized(serviceCode: string, reason: string): InboundRefusal {
  return new InboundRefusal(serviceCode, refusalCases.unauthorized, `Unauthorized. ${reason}`)
}
