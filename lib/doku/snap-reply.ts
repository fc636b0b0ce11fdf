import { DokuOvoError } from '../errors.ts'

/** A request of DOKU that changes nothing, and what SNAP says to answer it. @see protocol.md §7.1, §7.2, C-27 */
export class InboundRefusal extends DokuOvoError {
  readonly code = 'NOTIFICATION_REFUSED'
  readonly httpStatus: number
  readonly responseCode: string
  readonly responseMessage: string
  constructor(serviceCode: string, caseOf: readonly [httpStatus: number, caseCode: string], responseMessage: string) {
    const [httpStatus, caseCode] = caseOf
    super(responseMessage)
    this.httpStatus = httpStatus
    this.responseCode = `${httpStatus}${serviceCode}${caseCode}`
    this.responseMessage = responseMessage
  }
}

/** The refusals' HTTP status and case code. @see protocol.md §8 */
export const refusalCases = {
  badRequest: [400, '00'],
  fieldFormat: [400, '01'],
  mandatoryField: [400, '02'],
  unauthorized: [401, '00'],
  invalidToken: [401, '01'],
  invalidAmount: [404, '13'],
} as const satisfies Record<string, readonly [number, string]>

/** Service codes of what DOKU calls on our side. @see protocol.md §16 */
export const inboundServiceCodes = { token: '73', binding: '07', payment: '56' } as const

/** What SNAP says to answer, whatever was asked. @see protocol.md §8 */
export type SnapReply = { readonly responseCode: string; readonly responseMessage: string }

/** The answer to DOKU's request for our access token. @see protocol.md §7.1 */
export type SnapToken = SnapReply & {
  readonly accessToken: string
  readonly tokenType: 'Bearer'
  /** In seconds. */
  readonly expiresIn: number
  readonly additionalInfo: ''
}

/** A refusal that names the field, for what is missing. */
export function mandatoryField(service: string, field: string): InboundRefusal {
  return new InboundRefusal(service, refusalCases.mandatoryField, `Invalid Mandatory Field ${field}`)
}

/** A refusal that names the field, for what is not as it has to be. */
export function fieldFormat(service: string, field: string): InboundRefusal {
  return new InboundRefusal(service, refusalCases.fieldFormat, `Invalid Field Format ${field}`)
}

export function unauthorized(service: string, reason: string): InboundRefusal {
  return new InboundRefusal(service, refusalCases.unauthorized, `Unauthorized. ${reason}`)
}
