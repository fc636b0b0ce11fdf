import { readExpiry } from '../../doku/answers.ts'
import { isObject, type Json } from '../../primitives/json.ts'
import { inWords, isSuccess } from './doku-calls.ts'
import { asAssumed, different, type LinkedContext, type Question, tellUs, unseen } from './question.ts'

const bindingNotification: Question<LinkedContext> = {
  id: 'U-2',
  asks: 'Does DOKU send a binding notification, and which fields does it have?',
  assumed: 'perhaps not; the customer’s return is enough',
  async observe({ mailbox, waitMs }) {
    const notification = await mailbox.notification('binding', waitMs)
    if (!notification) return asAssumed('no, none came')
    const details = isObject(notification.json.additionalInfo) ? notification.json.additionalInfo : {}
    const names = [...Object.keys(notification.json), ...Object.keys(details).map((name) => `additionalInfo.${name}`)]
    const saw = `yes, with ${names.join(', ')}`
    const isRead =
      typeof details.custIdMerchant === 'string' &&
      typeof details.authCode === 'string' &&
      typeof details.status === 'string'
    return isRead ? asAssumed(saw) : different(saw, tellUs)
  },
}

const tooEarly: Question<LinkedContext> = {
  id: 'U-6',
  asks: 'Which code does the authCode get before the customer has agreed?',
  assumed: '4017400',
  async observe({ tooEarly: answer }) {
    return answer.code === '4017400' ? asAssumed(inWords(answer)) : different(inWords(answer), tellUs)
  },
}

const authCodeAgain: Question<LinkedContext> = {
  id: '§4',
  asks: 'Does the same authCode work again?',
  assumed: 'yes',
  async observe({ calls, authCode }) {
    const answer = await calls.tokenCall('customerToken', { grantType: 'authorization_code', authCode })
    return isSuccess(answer) ? asAssumed(`yes: ${inWords(answer)}`) : different(`no: ${inWords(answer)}`, tellUs)
  },
}

const expiry: Question<LinkedContext> = {
  id: 'C-18',
  asks: 'In which form does DOKU give the expiry of a customer token?',
  assumed: 'an ISO time, seconds, or nothing: all are read, and without one 900 s are assumed',
  async observe({ customerTokenAnswer: { body }, settings }) {
    const { accessTokenExpiryTime: value } = body
    if (value === undefined) return asAssumed('it is absent, so 900 s are assumed')
    const now = settings.clock()
    const lasts = Math.round((readExpiry(isText(value) ? value : undefined, now) - now) / 1000)
    return asAssumed(`${JSON.stringify(value)}: ${lasts} s from now`)
  },
}

const isText = (value: Json): value is string | number => typeof value === 'string' || typeof value === 'number'

const refreshToken: Question<LinkedContext> = {
  id: 'U-6',
  asks: 'Does grantType refresh_token work?',
  assumed: 'the plug-in does not use it, but exchanges the authCode again',
  async observe({ calls, customerTokenAnswer: { body } }) {
    if (typeof body.refreshToken !== 'string') return asAssumed('there is no refreshToken')
    const answer = await calls.tokenCall('customerToken', {
      grantType: 'refresh_token',
      refreshToken: body.refreshToken,
    })
    return asAssumed(`${isSuccess(answer) ? 'yes' : 'no'}: ${inWords(answer)}`)
  },
}

const bearerOfCustomer: Question<LinkedContext> = {
  id: 'C-8',
  asks: 'Does Authorization-customer need Bearer before the token?',
  assumed: 'the form with Bearer works',
  async observe({ calls, customerToken, settings }) {
    const withBearer = await calls.call(
      'balance',
      {},
      { headers: { 'authorization-customer': `Bearer ${customerToken}` } },
    )
    const bare = await calls.call('balance', {}, { headers: { 'authorization-customer': customerToken } })
    const saw = `with Bearer: ${inWords(withBearer)}; without: ${inWords(bare)}`
    const { customerTokenAs } = settings.endpoints.balance
    if (isSuccess(customerTokenAs === 'bare' ? bare : withBearer)) return asAssumed(saw)
    if (!isSuccess(bare) && !isSuccess(withBearer)) return unseen(saw)
    const other = `{ customerTokenAs: '${isSuccess(bare) ? 'bare' : 'bearer'}' }`
    const rows = ['balance', 'payment', ...(settings.endpoints.refund ? ['refund'] : [])]
    return different(saw, `endpoints: { ${rows.map((name) => `${name}: ${other}`).join(', ')} }`)
  },
}

const balanceField: Question<LinkedContext> = {
  id: 'C-15',
  asks: 'Which field holds a balance?',
  assumed: 'availableBalance or amount: both are read',
  async observe({ calls, customerToken }) {
    const spellings = [`Bearer ${customerToken}`, customerToken]
    for (const spelling of spellings) {
      const { body } = await calls.call('balance', {}, { headers: { 'authorization-customer': spelling } })
      if (!Array.isArray(body.accountInfos)) continue
      const saw = body.accountInfos
        .map((info) => (isObject(info) ? `${info.balanceType}: ${Object.keys(info).slice(1).join(', ')}` : ''))
        .join('; ')
      const isRead = body.accountInfos.every(
        (info) => isObject(info) && (info.availableBalance !== undefined || info.amount !== undefined),
      )
      return isRead ? asAssumed(saw) : different(saw, tellUs)
    }
    return unseen('the balance was refused')
  },
}

const bindingStatus: Question<LinkedContext> = {
  id: 'C-16',
  asks: 'Which fields does the answer to a binding request have?',
  assumed: 'additionalInfo.authCode and redirectUrl; the plug-in ignores the status',
  async observe({ binding: { body } }) {
    const details = isObject(body.additionalInfo) ? Object.keys(body.additionalInfo) : []
    return asAssumed(
      [
        ...Object.keys(body).filter((name) => name !== 'additionalInfo'),
        ...details.map((name) => `additionalInfo.${name}`),
      ].join(', '),
    )
  },
}

export function returnQuestion(purpose: 'binding' | 'payment'): Question<LinkedContext> {
  return {
    id: 'U-1',
    asks: `Which parameters does OVO append to the return URL of a ${purpose}?`,
    assumed: 'none that matter: they are never proof',
    async observe({ mailbox }) {
      const visit = mailbox.returns.find((one) => one.purpose === purpose)
      if (!visit) return unseen('the browser did not come back to the probe')
      const added = visit.added.length === 0 ? 'none' : visit.added.join(', ')
      return asAssumed(`${added}; the browser came to the URL for ${visit.outcome}`)
    },
  }
}

/** The questions that need a customer with a linked account. */
export const linkedQuestions: readonly Question<LinkedContext>[] = [
  bindingStatus,
  tooEarly,
  bindingNotification,
  returnQuestion('binding'),
  authCodeAgain,
  expiry,
  refreshToken,
  bearerOfCustomer,
  balanceField,
]
