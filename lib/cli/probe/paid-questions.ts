import { externalId } from '../../primitives/ids.ts'
import { isObject } from '../../primitives/json.ts'
import { explainSignature, isSignedWithRsa } from '../verify/explain-signature.ts'
import { whatWasSigned } from '../verify/what-was-signed.ts'
import { type Answer, inWords, isSuccess } from './doku-calls.ts'
import { returnQuestion } from './linked-questions.ts'
import type { Notification } from './mailbox.ts'
import { asAssumed, different, linkTo, type PaidContext, type Question, tellUs, unseen } from './question.ts'

const paymentCode: Question<PaidContext> = {
  id: 'C-5',
  asks: 'Which code and fields does the answer to a payment request have?',
  assumed: '2005400 (or 20054000), with webRedirectUrl',
  async observe({ payment }) {
    return asAssumed(`${inWords(payment)}, with ${Object.keys(payment.body).join(', ')}`)
  },
}

const unconfirmed: Question<PaidContext> = {
  id: 'U-14',
  asks: 'Which status does a payment have before the customer confirms it?',
  assumed: '01, 02, 03, or not found',
  async observe({ beforeConfirming: answer }) {
    const { latestTransactionStatus: status } = answer.body
    const saw = `${inWords(answer)}, latestTransactionStatus ${JSON.stringify(status)}`
    if (answer.status === 404) return asAssumed(saw)
    if (!isSuccess(answer)) return unseen(saw)
    return ['01', '02', '03'].includes(String(status)) ? asAssumed(saw) : different(saw, tellUs)
  },
}

const serviceCode: Question<PaidContext> = {
  id: 'C-14',
  asks: 'Which serviceCode must a status request have?',
  assumed: '55',
  async observe(context) {
    const accepted: string[] = []
    const answers: string[] = []
    for (const code of ['55', '54']) {
      const answer = await statusWith(context, code)
      if (isSuccess(answer)) accepted.push(code)
      answers.push(`${code}: ${inWords(answer)}`)
    }
    const { serviceCode: ours } = context.settings.endpoints.status.extraBody
    const saw = answers.join('; ')
    const [first] = accepted
    if (first === undefined) return unseen(saw)
    return accepted.includes(String(ours))
      ? asAssumed(saw)
      : different(saw, `endpoints: { status: { extraBody: { serviceCode: '${first}' } } }`)
  },
}

function statusWith({ calls, settings, partnerReferenceNo }: PaidContext, code: string, id?: string): Promise<Answer> {
  const { status } = settings.endpoints
  const endpoint = { ...status, extraBody: { ...status.extraBody, serviceCode: code } }
  return calls.call(
    'status',
    { originalPartnerReferenceNo: partnerReferenceNo },
    { endpoint, ...(id && { externalId: id }) },
  )
}

const sameExternalId: Question<PaidContext> = {
  id: 'C-20',
  asks: 'How does DOKU answer the same request under the same X-EXTERNAL-ID?',
  assumed: '409, with the first answer or with 409xx00: both are read',
  async observe(context) {
    for (const code of ['55', '54']) {
      const id = externalId(context.settings.clock)
      const first = await statusWith(context, code, id)
      if (!isSuccess(first)) continue
      const second = await statusWith(context, code, id)
      const isConflict = second.status === 409
      const kind = isSuccess(second) ? 'the first answer again' : 'a refusal'
      const saw = `${kind}: ${inWords(second)}`
      return isConflict || isSuccess(second) ? asAssumed(saw) : different(saw, tellUs)
    }
    return unseen('no status request was accepted')
  },
}

const sameReference: Question<PaidContext> = {
  id: '§11',
  asks: 'How does DOKU answer a known partnerReferenceNo under another X-EXTERNAL-ID?',
  assumed: '4095401',
  async observe({ again }) {
    const answer = await again()
    if (answer.status === 409) return asAssumed(inWords(answer))
    return different(inWords(answer), 'nothing: the plug-in never sends a reference again; do not send one by hand')
  },
}

const tokenVisit: Question<PaidContext> = {
  id: 'C-11',
  asks: 'Does DOKU fetch a token before it notifies, and send it along?',
  assumed: 'yes',
  async observe({ mailbox, waitMs }) {
    const notification = await mailbox.notification('payment', waitMs)
    if (!notification)
      return unseen('no payment notification came; check that publicUrl is in DOKU’s dashboard and leads to the probe')
    const visit = mailbox.tokenVisits.at(-1)
    const hasBearer = notification.headers.authorization !== undefined
    const fetched = visit
      ? `DOKU fetched one (X-TIMESTAMP ${visit.timestamp}${visit.refusal ? `, refused with ${visit.refusal}` : ''})`
      : 'DOKU fetched none'
    const saw = `${fetched}; the notification has ${hasBearer ? 'an' : 'no'} Authorization header`
    return hasBearer ? asAssumed(saw) : different(saw, 'webhooks: { requireBearer: false }')
  },
}

const signedWith: Question<PaidContext> = {
  id: 'C-9',
  asks: 'Which token, path and body does the signature of a notification cover?',
  assumed: 'the bearer of its header, the path of the Notification URL, the minified body',
  async observe({ mailbox, waitMs, settings, calls }) {
    const notification = await mailbox.notification('payment', waitMs)
    if (!notification) return unseen('no payment notification came')
    const { publicUrl, secretKeys } = settings
    const notificationUrl = `${publicUrl}/webhooks/notification${queryOf(notification)}`
    const alternatives = whatWasSigned(notification, { notificationUrl, secretKeys, dokuToken: calls.accessToken })
    const differences = explainSignature(alternatives)
    if (differences === undefined) {
      const isRsa = isSignedWithRsa(alternatives, settings.dokuPublicKeys)
      return different(
        isRsa ? `DOKU’s own RSA key signed it (${linkTo('C-10')})` : 'others: no combination that was tried fits',
        tellUs,
      )
    }
    const saw = differences.map(({ part, says }) => `${part}: ${says}`).join('; ') || 'exactly these'
    const rest = differences.filter(({ taken }) => taken !== 'always')
    if (rest.length === 0) return asAssumed(saw)
    const [only] = rest
    const sources =
      rest.length === 1 && (only?.taken === 'empty' || only?.taken === 'doku-token') ? only.taken : undefined
    const path = rest.some(({ part }) => part === 'path')
    if (sources !== undefined) return different(saw, `webhooks: { signedWith: ['bearer', '${sources}'] }`)
    return different(saw, path ? 'publicUrl: the address in DOKU’s dashboard' : tellUs)
  },
}

const queryOf = ({ target }: Notification) => (target.includes('?') ? target.slice(target.indexOf('?')) : '')

const fields: Question<PaidContext> = {
  id: 'U-3',
  asks: 'Which fields does a payment notification have?',
  assumed: 'originalPartnerReferenceNo, latestTransactionStatus, amount',
  async observe({ mailbox, waitMs, partnerReferenceNo, amount }) {
    const notification = await mailbox.notification('payment', waitMs)
    if (!notification) return unseen('no payment notification came')
    const { json } = notification
    const details = isObject(json.additionalInfo)
      ? Object.keys(json.additionalInfo).map((name) => `additionalInfo.${name}`)
      : []
    const saw = `latestTransactionStatus ${JSON.stringify(json.latestTransactionStatus)}, amount ${JSON.stringify(json.amount)}; ${[...Object.keys(json), ...details].join(', ')}`
    const isRead =
      json.originalPartnerReferenceNo === partnerReferenceNo && isObject(json.amount) && json.amount.value === amount
    return isRead ? asAssumed(saw) : different(saw, tellUs)
  },
}

const refund: Question<PaidContext> = {
  id: 'C-23',
  asks: 'Which code does a partial refund get?',
  assumed: '2005800',
  async observe({ calls, settings, customerAuthorization, partnerReferenceNo, amount }) {
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
    return different(
      saw,
      'if the message is about the amount, refund whole payments only; otherwise ask DOKU whether refunds are enabled',
    )
  },
}

const unbinding: Question<PaidContext> = {
  id: '§5.7',
  asks: 'Does unbinding take the customer token as tokenId?',
  assumed: 'yes',
  async observe({ calls, customerToken }) {
    const answer = await calls.call('unbinding', { tokenId: customerToken })
    return isSuccess(answer)
      ? asAssumed(`yes: ${inWords(answer)}`)
      : different(inWords(answer), `${tellUs}; the account is still linked: unlink it in the OVO app`)
  },
}

/** The questions that need a payment. The last one ends the link. */
export const paidQuestions: readonly Question<PaidContext>[] = [
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
