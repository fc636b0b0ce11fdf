import { externalId } from '../../primitives/ids.ts'
import { isObject } from '../../primitives/json.ts'
import { explainSignature, isSignedWithRsa } from '../verify/explain-signature.ts'
import { whatWasSigned } from '../verify/what-was-signed.ts'
import { type Answer, inWords, isSuccess } from './doku-calls.ts'
import { returnQuestion } from './linked-questions.ts'
import type { Notification } from './mailbox.ts'
import { asAssumed, linkTo, otherwise, type PaidBench, type Question, tellUs, unseen } from './question.ts'

const paymentCode: Question<PaidBench> = {
  id: 'C-5',
  asks: 'What is a payment request answered with?',
  assumed: '2005400 (or 20054000), with webRedirectUrl',
  async look({ payment }) {
    return asAssumed(`${inWords(payment)}, with ${Object.keys(payment.body).join(', ')}`)
  },
}

const unconfirmed: Question<PaidBench> = {
  id: 'U-14',
  asks: 'What is the status of a payment that the customer has not confirmed yet?',
  assumed: '01, 02 or 03, or that it is not found',
  async look({ beforeConfirming: answer }) {
    const { latestTransactionStatus: status } = answer.body
    const saw = `${inWords(answer)}, latestTransactionStatus ${JSON.stringify(status)}`
    if (answer.status === 404) return asAssumed(saw)
    if (!isSuccess(answer)) return unseen(saw)
    return ['01', '02', '03'].includes(String(status)) ? asAssumed(saw) : otherwise(saw, tellUs)
  },
}

const serviceCode: Question<PaidBench> = {
  id: 'C-14',
  asks: 'Which serviceCode has a status request to carry?',
  assumed: '55',
  async look(bench) {
    const accepted: string[] = []
    const answers: string[] = []
    for (const code of ['55', '54']) {
      const answer = await statusWith(bench, code)
      if (isSuccess(answer)) accepted.push(code)
      answers.push(`${code}: ${inWords(answer)}`)
    }
    const { serviceCode: ours } = bench.settings.endpoints.status.extraBody
    const saw = answers.join('; ')
    const [first] = accepted
    if (first === undefined) return unseen(saw)
    return accepted.includes(String(ours))
      ? asAssumed(saw)
      : otherwise(saw, `endpoints: { status: { extraBody: { serviceCode: '${first}' } } }`)
  },
}

function statusWith({ calls, settings, partnerReferenceNo }: PaidBench, code: string, id?: string): Promise<Answer> {
  const { status } = settings.endpoints
  const endpoint = { ...status, extraBody: { ...status.extraBody, serviceCode: code } }
  return calls.call(
    'status',
    { originalPartnerReferenceNo: partnerReferenceNo },
    { endpoint, ...(id && { externalId: id }) },
  )
}

const sameExternalId: Question<PaidBench> = {
  id: 'C-20',
  asks: 'What does the same request under the same X-EXTERNAL-ID get?',
  assumed: '409, with the first answer or with 409xx00: both are read',
  async look(bench) {
    for (const code of ['55', '54']) {
      const id = externalId(bench.settings.clock)
      const first = await statusWith(bench, code, id)
      if (!isSuccess(first)) continue
      const second = await statusWith(bench, code, id)
      const isConflict = second.status === 409
      const kind = isSuccess(second) ? 'the first answer again' : 'a refusal'
      const saw = `${kind}: ${inWords(second)}`
      return isConflict || isSuccess(second) ? asAssumed(saw) : otherwise(saw, tellUs)
    }
    return unseen('no status request was accepted')
  },
}

const sameReference: Question<PaidBench> = {
  id: '§11',
  asks: 'What does a known partnerReferenceNo get under another X-EXTERNAL-ID?',
  assumed: '4095401',
  async look({ again }) {
    const answer = await again()
    if (answer.status === 409) return asAssumed(inWords(answer))
    return otherwise(inWords(answer), 'nothing: no reference is ever sent again. Do not send one by hand')
  },
}

const tokenVisit: Question<PaidBench> = {
  id: 'C-11',
  asks: 'Does DOKU fetch a token before it notifies, and send it?',
  assumed: 'yes',
  async look({ mailbox, waitMs }) {
    const notification = await mailbox.notification('payment', waitMs)
    if (!notification)
      return unseen('no payment notification came; is publicUrl in DOKU’s dashboard, and does it lead here?')
    const visit = mailbox.tokenVisits.at(-1)
    const hasBearer = notification.headers.authorization !== undefined
    const fetched = visit
      ? `it fetched one (X-TIMESTAMP ${visit.timestamp}${visit.refusal ? `, refused with ${visit.refusal}` : ''})`
      : 'it fetched none'
    const saw = `${fetched}; the notification has ${hasBearer ? 'an' : 'no'} Authorization header`
    return hasBearer ? asAssumed(saw) : otherwise(saw, 'webhooks: { requireBearer: false }')
  },
}

const signedWith: Question<PaidBench> = {
  id: 'C-9',
  asks: 'Over which token, path and body is a notification signed?',
  assumed: 'the bearer of its header, the path of the Notification URL, the minified body',
  async look({ mailbox, waitMs, settings, calls }) {
    const notification = await mailbox.notification('payment', waitMs)
    if (!notification) return unseen('no payment notification came')
    const { publicUrl, secretKeys } = settings
    const notificationUrl = `${publicUrl}/webhooks/notification${queryOf(notification)}`
    const alternatives = whatWasSigned(notification, { notificationUrl, secretKeys, dokuToken: calls.accessToken })
    const differences = explainSignature(alternatives)
    if (differences === undefined) {
      const isRsa = isSignedWithRsa(alternatives, settings.dokuPublicKeys)
      return otherwise(
        isRsa ? `with RSA, by DOKU’s own key (${linkTo('C-10')})` : 'over something else: nothing that was tried fits',
        tellUs,
      )
    }
    const saw = differences.map(({ part, says }) => `${part}: ${says}`).join('; ') || 'exactly that'
    const rest = differences.filter(({ taken }) => taken !== 'always')
    if (rest.length === 0) return asAssumed(saw)
    const [only] = rest
    const sources =
      rest.length === 1 && (only?.taken === 'empty' || only?.taken === 'doku-token') ? only.taken : undefined
    const path = rest.some(({ part }) => part === 'path')
    if (sources !== undefined) return otherwise(saw, `webhooks: { signedWith: ['bearer', '${sources}'] }`)
    return otherwise(saw, path ? 'publicUrl: the address that is in DOKU’s dashboard' : tellUs)
  },
}

const queryOf = ({ target }: Notification) => (target.includes('?') ? target.slice(target.indexOf('?')) : '')

const fields: Question<PaidBench> = {
  id: 'U-3',
  asks: 'What is in a payment notification?',
  assumed: 'originalPartnerReferenceNo, latestTransactionStatus, amount',
  async look({ mailbox, waitMs, partnerReferenceNo, amount }) {
    const notification = await mailbox.notification('payment', waitMs)
    if (!notification) return unseen('no payment notification came')
    const { json } = notification
    const details = isObject(json.additionalInfo)
      ? Object.keys(json.additionalInfo).map((name) => `additionalInfo.${name}`)
      : []
    const saw = `latestTransactionStatus ${JSON.stringify(json.latestTransactionStatus)}, amount ${JSON.stringify(json.amount)}; ${[...Object.keys(json), ...details].join(', ')}`
    const isRead =
      json.originalPartnerReferenceNo === partnerReferenceNo && isObject(json.amount) && json.amount.value === amount
    return isRead ? asAssumed(saw) : otherwise(saw, tellUs)
  },
}

const refund: Question<PaidBench> = {
  id: 'C-23',
  asks: 'What is a refund of a part answered with?',
  assumed: '2005800',
  async look({ calls, settings, customerAuthorization, partnerReferenceNo, amount }) {
    if (!settings.endpoints.refund) return unseen(`the api ${settings.api} has no refunds`)
    const headers = { 'authorization-customer': customerAuthorization }
    const refundAmount = { value: '1.00', currency: 'IDR' }
    const body = {
      originalPartnerReferenceNo: partnerReferenceNo,
      refundAmount,
      partnerRefundNo: `${partnerReferenceNo}R`,
    }
    const answer = await calls.call('refund', body, { headers })
    const saw = `1.00 of ${amount}: ${inWords(answer)}`
    if (isSuccess(answer)) return asAssumed(saw)
    return otherwise(
      saw,
      'refund whole payments only, if the message is about the amount; else ask DOKU whether refunds are switched on',
    )
  },
}

const unbinding: Question<PaidBench> = {
  id: '§5.7',
  asks: 'Does unbinding take the customer token as tokenId?',
  assumed: 'yes',
  async look({ calls, customerToken }) {
    const answer = await calls.call('unbinding', { tokenId: customerToken })
    return isSuccess(answer)
      ? asAssumed(`yes: ${inWords(answer)}`)
      : otherwise(inWords(answer), `${tellUs}; the account is still linked: unlink it in the OVO app`)
  },
}

/** What needs a payment. The last one ends the link. */
export const paidQuestions: readonly Question<PaidBench>[] = [
  paymentCode,
  unconfirmed,
  returnQuestion('payment'),
  tokenVisit,
  signedWith,
  fields,
  serviceCode,
  sameExternalId,
  sameReference,
  refund,
  unbinding,
]
