import { apis, type Operation } from '../../lib/doku/api.ts'
import { type HttpAnswer, type HttpRequest, TransportError } from '../../lib/doku/transport.ts'
import type { JsonObject } from '../../lib/primitives/json.ts'
import { answer, ok } from '../simulation/doku/answers.ts'

const operations = Object.entries(apis['core-v1'])

export interface DokuPayment {
  readonly reference: string
  readonly customerId: string
  readonly amount: JsonObject
  code: '00' | '03' | '06'
  /** How often its request arrived. */
  arrivals: number
  readonly refunds: { readonly partnerRefundNo: string; readonly rupiah: number }[]
}

export interface DokuLink {
  readonly authCode: string
  readonly customerId: string
  state: 'asked' | 'agreed' | 'ended'
}

/** Each thing that DOKU has said about a payment, with DOKU's time. */
interface Said {
  readonly reference: string
  readonly what: '00' | '03' | '06' | 'not found' | 'refused'
  readonly at: number
}

export interface DokuState {
  readonly payments: DokuPayment[]
  readonly links: DokuLink[]
  readonly said: Said[]
}

/** A small DOKU: it answers truthfully and at once, deduplicates nothing, and remembers what it has said. */
export class Doku {
  readonly state: DokuState
  /** Asked when a payment arrives. */
  onArrival: (payment: DokuPayment) => void = () => {}
  /** For situations that begin with a loss. */
  line: 'works' | 'losesRequests' | 'losesAnswers' = 'works'

  constructor(state: DokuState = { payments: [], links: [], said: [] }) {
    this.state = structuredClone(state)
  }

  operationOf({ path }: HttpRequest): Operation {
    return operations.find(([, endpoint]) => endpoint.path === path)?.[0] as Operation
  }

  payment(reference: string): DokuPayment | undefined {
    return this.state.payments.find((one) => one.reference === reference)
  }

  link(customerId: string, state: DokuLink['state']): DokuLink | undefined {
    return this.state.links.findLast((one) => one.customerId === customerId && one.state === state)
  }

  handle(request: HttpRequest, now: number): HttpAnswer {
    if (this.line === 'losesRequests') throw new TransportError('unknown', 'the request was lost')
    const { httpStatus, body } = this.#carryOut(request, JSON.parse(request.body), now)
    if (this.line === 'losesAnswers') throw new TransportError('unknown', 'the answer was lost')
    return { httpStatus, body, headers: { date: new Date(now).toUTCString() } }
  }

  #carryOut(request: HttpRequest, body: JsonObject, now: number): HttpAnswer {
    switch (this.operationOf(request)) {
      case 'payment':
        return this.#pay(request.headers['Authorization-customer'] ?? '', body, now)
      case 'status':
        return this.#tellStatus(String(body.originalPartnerReferenceNo), now)
      case 'refund':
        return this.#refund(body)
      case 'binding':
        return this.#bind(String((body.additionalInfo as JsonObject).custIdMerchant))
      case 'unbinding':
        return this.#unbind(String(body.tokenId))
      case 'customerToken':
        return this.#exchange(String(body.authCode))
      default:
        throw new Error(`${request.path} is not scripted`)
    }
  }

  #pay(bearer: string, body: JsonObject, at: number): HttpAnswer {
    const link = this.#byToken(bearer.replace('Bearer ', ''))
    const reference = String(body.partnerReferenceNo)
    if (!link) {
      this.state.said.push({ reference, what: 'refused', at })
      return answer(401, '54', '02')
    }
    const known = this.payment(reference)
    const { customerId } = link
    const payment = known ?? {
      reference,
      customerId,
      amount: body.amount as JsonObject,
      code: '03',
      arrivals: 0,
      refunds: [],
    }
    if (!known) this.state.payments.push(payment)
    payment.arrivals++
    this.onArrival(payment)
    return ok('54', {
      partnerReferenceNo: reference,
      referenceNo: `D-${reference}`,
      webRedirectUrl: `https://doku.example/pay/${reference}`,
    })
  }

  #tellStatus(reference: string, at: number): HttpAnswer {
    const payment = this.payment(reference)
    this.state.said.push({ reference, what: payment?.code ?? 'not found', at })
    if (!payment) return answer(404, '55', '01')
    const refundHistory = payment.refunds.map(({ partnerRefundNo }) => ({ partnerRefundNo, refundStatus: '00' }))
    return ok('55', {
      originalPartnerReferenceNo: reference,
      originalReferenceNo: `D-${reference}`,
      latestTransactionStatus: payment.code,
      transAmount: payment.amount,
      refundHistory,
    })
  }

  #refund(body: JsonObject): HttpAnswer {
    const reference = String(body.originalPartnerReferenceNo)
    const partnerRefundNo = String(body.partnerRefundNo)
    const payment = this.payment(reference)
    if (!payment) return answer(404, '58', '01')
    payment.refunds.push({ partnerRefundNo, rupiah: Number((body.refundAmount as JsonObject).value) })
    return ok('58', {
      originalPartnerReferenceNo: reference,
      partnerRefundNo,
      refundAmount: body.refundAmount as JsonObject,
    })
  }

  #bind(customerId: string): HttpAnswer {
    const authCode = `auth-${customerId}-${this.state.links.length + 1}`
    this.state.links.push({ authCode, customerId, state: 'asked' })
    return ok('07', { redirectUrl: `https://doku.example/bind/${authCode}`, additionalInfo: { authCode } })
  }

  #unbind(token: string): HttpAnswer {
    const link = this.#byToken(token)
    if (!link) return answer(401, '09', '02')
    link.state = 'ended'
    return ok('09')
  }

  #exchange(authCode: string): HttpAnswer {
    const link = this.state.links.find((one) => one.authCode === authCode)
    if (link?.state !== 'agreed') return answer(401, '74', '00', { responseMessage: 'Unauthorized. authCode' })
    return ok('74', { accessToken: tokenOf(authCode), accessTokenExpiryTime: String(100 * 24 * 3600) })
  }

  #byToken(token: string): DokuLink | undefined {
    return this.state.links.find(({ authCode, state }) => state === 'agreed' && tokenOf(authCode) === token)
  }
}

export function tokenOf(authCode: string): string {
  return `token-${authCode}`
}
