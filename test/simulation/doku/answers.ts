import type { HttpAnswer } from '../../../lib/doku/transport.ts'
import type { JsonObject } from '../../../lib/primitives/json.ts'

/** DOKU's answer with this case: `ok('54', …)` is HTTP 200 with 2005400. */
export function ok(service: string, body: JsonObject = {}): HttpAnswer {
  return answer(200, service, '00', body)
}

export function answer(httpStatus: number, service: string, caseCode: string, body: JsonObject = {}): HttpAnswer {
  const responseCode = `${httpStatus}${service}${caseCode}`
  return { httpStatus, headers: {}, body: JSON.stringify({ responseCode, responseMessage: 'scripted', ...body }) }
}

export function rupiah(value: number): JsonObject {
  return { value: `${value}.00`, currency: 'IDR' }
}
