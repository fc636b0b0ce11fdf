import { type Api, apis } from '../../doku/api.ts'
import { formatTimestamp } from '../../doku/timestamp.ts'
import { type Answer, inWords, isSuccess } from './doku-calls.ts'
import { asAssumed, different, type MerchantContext, type Question, tellUs, unseen } from './question.ts'

const grant = { grantType: 'client_credentials' }
const minuteMs = 60_000

/** DOKU answers 404 to an unknown path, with a code that is not about a transaction. */
const isNoPath = ({ status, code }: Answer) => status === 404 && (code === '' || code.slice(5) === '02')

const generation: Question<MerchantContext> = {
  id: 'C-1',
  asks: 'Which generations of paths does DOKU serve?',
  assumed: 'the generation of the option api',
  async observe({ calls, settings }) {
    const served: Api[] = []
    for (const api of Object.keys(apis) as Api[]) {
      // Without its fields the request starts nothing. It only shows whether the path exists.
      const answer = await calls.call('binding', {}, { endpoint: { ...apis[api].binding, extraBody: {} } })
      if (!isNoPath(answer)) served.push(api)
    }
    const [first] = served
    const saw = first === undefined ? 'none' : served.join(' and ')
    if (served.includes(settings.api)) return asAssumed(saw)
    return different(
      saw,
      first === undefined
        ? 'endpoints: { binding: { path: … }, … }, with the paths of your contract'
        : `api: '${first}'`,
    )
  },
}

const tolerances = [1, 5, 10, 15, 30, 60]

const tolerance: Question<MerchantContext> = {
  id: 'U-8',
  asks: 'How far may X-TIMESTAMP be from DOKU’s clock?',
  assumed: 'at least a minute',
  async observe({ calls, settings }) {
    const farthest = async (direction: 1 | -1) => {
      let accepted = 0
      for (const minutes of tolerances) {
        const timestamp = formatTimestamp(settings.clock() + direction * minutes * minuteMs)
        if (!isSuccess(await calls.tokenCall('accessToken', grant, timestamp))) break
        accepted = minutes
      }
      return accepted
    }
    const [late, early] = [await farthest(-1), await farthest(1)]
    const bound = (minutes: number) =>
      minutes === tolerances.at(-1) ? `${minutes} min and perhaps more` : `${minutes} min`
    const saw = `accepted: up to ${bound(late)} behind, up to ${bound(early)} ahead`
    return Math.min(late, early) >= 1 ? asAssumed(saw) : different(saw, 'synchronise the clocks of all machines (NTP)')
  },
}

const timestampForms: Question<MerchantContext> = {
  id: 'C-7',
  asks: 'Which forms of X-TIMESTAMP does DOKU accept?',
  assumed: 'UTC without milliseconds, at least',
  async observe({ calls, settings }) {
    const now = settings.clock()
    const utc = formatTimestamp(now)
    const forms = [
      utc,
      `${new Date(now).toISOString().slice(0, 23)}Z`,
      `${formatTimestamp(now + 7 * 60 * minuteMs).slice(0, 19)}+07:00`,
    ]
    const accepted: string[] = []
    for (const form of forms) if (isSuccess(await calls.tokenCall('accessToken', grant, form))) accepted.push(form)
    const saw = `accepted: ${accepted.join(', ') || 'none'}`
    return accepted.includes(utc) ? asAssumed(saw) : different(saw, tellUs)
  },
}

const expiresIn: Question<MerchantContext> = {
  id: 'C-19',
  asks: 'In which form does DOKU give expiresIn of an access token?',
  assumed: 'a number or text: both are read',
  async observe({ firstToken }) {
    const { expiresIn: value } = firstToken.body
    const saw =
      value === undefined ? 'it is absent, so 900 s are assumed' : `${JSON.stringify(value)} (${typeof value})`
    return value === undefined || Number(value) > 0 ? asAssumed(saw) : different(saw, tellUs)
  },
}

const olderToken: Question<MerchantContext> = {
  id: '§3',
  asks: 'Does a newer access token make the older one invalid?',
  assumed: 'perhaps, so all processes share one in the storage',
  async observe({ calls }) {
    const older = calls.accessToken
    const renewed = await calls.tokenCall('accessToken', grant)
    if (typeof renewed.body.accessToken !== 'string') return unseen(inWords(renewed))
    calls.accessToken = renewed.body.accessToken
    const answer = await calls.call('status', { originalPartnerReferenceNo: 'probe' }, { accessToken: older })
    const isVoid = answer.code === '4015501' || answer.code === '4015503'
    return asAssumed(
      isVoid ? `yes: ${inWords(answer)}; give all processes one storage` : 'no, the older one still works',
    )
  },
}

const deviceId: Question<MerchantContext> = {
  id: 'C-12',
  asks: 'Is X-DEVICE-ID required?',
  assumed: 'in ovo-v1.0, but not in core-v1',
  async observe({ calls, settings }) {
    const without = await calls.call('binding', {}, { headers: { 'x-device-id': undefined } })
    const { deviceRequired } = settings.endpoints.binding
    const isRequired = /x-device-id/i.test(without.message)
    const saw = `${isRequired ? 'yes' : 'no'}: without it ${inWords(without)}`
    if (!isRequired || deviceRequired) return asAssumed(saw)
    return different(saw, 'endpoints: { binding: { deviceRequired: true } }')
  },
}

const spacedBody: Question<MerchantContext> = {
  id: 'U-16',
  asks: 'Does DOKU minify the body before it hashes it?',
  assumed: 'it does not matter, because the plug-in sends minified bodies',
  async observe({ calls }) {
    const rawBody =
      '{ "originalPartnerReferenceNo": "probe", "serviceCode": "55", "additionalInfo": { "channel": "EMONEY_OVO_SNAP" } }'
    const answer = await calls.call('status', {}, { rawBody })
    const isRefused = answer.status === 401
    return asAssumed(isRefused ? `no: ${inWords(answer)}` : `yes: with blanks in it ${inWords(answer)}`)
  },
}

/** The questions that need only the merchant. They change nothing. */
export const merchantQuestions: readonly Question<MerchantContext>[] = [
  generation,
  timestampForms,
  tolerance,
  expiresIn,
  olderToken,
  deviceId,
  spacedBody,
]
