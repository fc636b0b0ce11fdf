import { readExpiry } from '../../doku/answers.ts'
import { isObject, type Json } from '../../primitives/json.ts'
import { inWords, isSuccess } from './doku-calls.ts'
import { asAssumed, type LinkedBench, otherwise, type Question, tellUs, unseen } from './question.ts'

const bindingNotification: Question<LinkedBench> = {
  id: 'U-2',
  asks: 'Is a binding notification sent, and what is in it?',
  assumed: 'perhaps not: the customer’s return is enough',
  async look({ mailbox, waitMs }) {
    const notification = await mailbox.notification('binding', waitMs)
    if (!notification) return asAssumed('none came')
    const details = isObject(notification.json.additionalInfo) ? notification.json.additionalInfo : {}
    const names = [...Object.keys(notification.json), ...Object.keys(details).map((name) => `additionalInfo.${name}`)]
    const saw = `yes, with ${names.join(', ')}`
    const isRead =
      typeof details.custIdMerchant === 'string' &&
      typeof details.authCode === 'string' &&
      typeof details.status === 'string'
    return isRead ? asAssumed(saw) : otherwise(saw, tellUs)
  },
}

const tooEarly: Question<LinkedBench> = {
  id: 'U-6',
  asks: 'What does the authCode give before the customer has agreed?',
  assumed: '4017400',
  async look({ tooEarly: answer }) {
    return answer.code === '4017400' ? asAssumed(inWords(answer)) : otherwise(inWords(answer), tellUs)
  },
}

const authCodeAgain: Question<LinkedBench> = {
  id: '§4',
  asks: 'Does the same authCode work again?',
  assumed: 'yes',
  async look({ calls, authCode }) {
    const answer = await calls.tokenCall('customerToken', { grantType: 'authorization_code', authCode })
    return isSuccess(answer) ? asAssumed(`yes: ${inWords(answer)}`) : otherwise(`no: ${inWords(answer)}`, tellUs)
  },
}

const expiry: Question<LinkedBench> = {
  id: 'C-18',
  asks: 'How is the end of a customer token written?',
  assumed: 'as an ISO time, as seconds, or not at all: all are read, and 900 s are taken where nothing is',
  async look({ customerTokenAnswer: { body }, settings }) {
    const { accessTokenExpiryTime: value } = body
    if (value === undefined) return asAssumed('it is not there: 900 s are taken')
    const now = settings.clock()
    const lasts = Math.round((readExpiry(isText(value) ? value : undefined, now) - now) / 1000)
    return asAssumed(`${JSON.stringify(value)}: ${lasts} s from now`)
  },
}

const isText = (value: Json): value is string | number => typeof value === 'string' || typeof value === 'number'

const refreshToken: Question<LinkedBench> = {
  id: 'U-6',
  asks: 'Does grantType refresh_token work?',
  assumed: 'it is not used: the authCode is exchanged again',
  async look({ calls, customerTokenAnswer: { body } }) {
    if (typeof body.refreshToken !== 'string') return asAssumed('there is no refreshToken')
    const answer = await calls.tokenCall('customerToken', {
      grantType: 'refresh_token',
      refreshToken: body.refreshToken,
    })
    return asAssumed(`${isSuccess(answer) ? 'yes' : 'no'}: ${inWords(answer)}`)
  },
}

const bearerOfCustomer: Question<LinkedBench> = {
  id: 'C-8',
  asks: 'Is Authorization-customer written with Bearer?',
  assumed: 'with Bearer, at least',
  async look({ calls, customerToken, settings }) {
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
    return otherwise(saw, `endpoints: { ${rows.map((name) => `${name}: ${other}`).join(', ')} }`)
  },
}

const balanceField: Question<LinkedBench> = {
  id: 'C-15',
  asks: 'In which field does a balance come?',
  assumed: 'availableBalance or amount: both are read',
  async look({ calls, customerToken }) {
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
      return isRead ? asAssumed(saw) : otherwise(saw, tellUs)
    }
    return unseen('the balance was refused')
  },
}

const bindingStatus: Question<LinkedBench> = {
  id: 'C-16',
  asks: 'What is in the answer to a binding request?',
  assumed: 'additionalInfo.authCode and redirectUrl; the status is not looked at',
  async look({ binding: { body } }) {
    const details = isObject(body.additionalInfo) ? Object.keys(body.additionalInfo) : []
    return asAssumed(
      [
        ...Object.keys(body).filter((name) => name !== 'additionalInfo'),
        ...details.map((name) => `additionalInfo.${name}`),
      ].join(', '),
    )
  },
}

export function returnQuestion(purpose: 'binding' | 'payment'): Question<LinkedBench> {
  return {
    id: 'U-1',
    asks: `What is appended to the return address of a ${purpose}?`,
    assumed: 'nothing that matters: it is never proof',
    async look({ mailbox }) {
      const visit = mailbox.returns.find((one) => one.purpose === purpose)
      if (!visit) return unseen('the browser did not come back to the probe')
      const added = visit.added.length === 0 ? 'nothing' : visit.added.join(', ')
      return asAssumed(`${added}; it came to the address for ${visit.outcome}`)
    },
  }
}

/** What needs a customer who has linked an account. */
export const linkedQuestions: readonly Question<LinkedBench>[] = [
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
