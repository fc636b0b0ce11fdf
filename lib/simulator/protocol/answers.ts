import { CASES, type CaseName } from './cases.ts'

export type { CaseName }

/** What a signed call is answered with. */
export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

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
