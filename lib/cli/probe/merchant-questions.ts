import { type Api, apis } from '../../doku/api.ts'
import { formatTimestamp } from '../../doku/timestamp.ts'
import { type Answer, inWords, isSuccess } from './doku-calls.ts'
import { asAssumed, type Bench, otherwise, type Question, tellUs, unseen } from './question.ts'

const grant = { grantType: 'client_credentials' }
const minuteMs = 60_000

/** A path that DOKU does not have is a 404 that is not about a transaction. */
const isNoPath = ({ status, code }: Answer) => status === 404 && (code === '' || code.slice(5) === '02')

const generation: Question<Bench> = {
  id: 'C-1',
  asks: 'Which generations of paths are served?',
  assumed: 'the one of the option api',
  async look({ calls, settings }) {
    const served: Api[] = []
    for (const api of Object.keys(apis) as Api[]) {
      // Without its fields nothing begins: only whether somebody answers is of interest.
      const answer = await calls.call('binding', {}, { endpoint: { ...apis[api].binding, extraBody: {} } })
      if (!isNoPath(answer)) served.push(api)
    }
    const [first] = served
    const saw = first === undefined ? 'none' : served.join(' and ')
    if (served.includes(settings.api)) return asAssumed(saw)
    return otherwise(
      saw,
      first === undefined
        ? 'endpoints: { binding: { path: … }, … }, with the paths of your contract'
        : `api: '${first}'`,
    )
  },
}

const tolerances = [1, 5, 10, 15, 30, 60]

const tolerance: Question<Bench> = {
  id: 'U-8',
  asks: 'How far may X-TIMESTAMP be from DOKU’s clock?',
  assumed: 'a minute is nothing',
  async look({ calls, settings }) {
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
    return Math.min(late, early) >= 1 ? asAssumed(saw) : otherwise(saw, 'synchronise the clocks of all machines (NTP)')
  },
}

const timestampForms: Question<Bench> = {
  id: 'C-7',
  asks: 'Which spellings of X-TIMESTAMP are accepted?',
  assumed: 'UTC without milliseconds, at least',
  async look({ calls, settings }) {
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
    return accepted.includes(utc) ? asAssumed(saw) : otherwise(saw, tellUs)
  },
}

const expiresIn: Question<Bench> = {
  id: 'C-19',
  asks: 'How is expiresIn of an access token written?',
  assumed: 'as a number or as text: both are read',
  async look({ firstToken }) {
    const { expiresIn: value } = firstToken.body
    const saw = value === undefined ? 'it is not there: 900 s are taken' : `${JSON.stringify(value)} (${typeof value})`
    return value === undefined || Number(value) > 0 ? asAssumed(saw) : otherwise(saw, tellUs)
  },
}

const olderToken: Question<Bench> = {
  id: '§3',
  asks: 'Does a newer access token make the older one invalid?',
  assumed: 'it may: all processes share one, in the storage',
  async look({ calls }) {
    const older = calls.accessToken
    const renewed = await calls.tokenCall('accessToken', grant)
    if (typeof renewed.body.accessToken !== 'string') return unseen(inWords(renewed))
    calls.accessToken = renewed.body.accessToken
    const answer = await calls.call('status', { originalPartnerReferenceNo: 'probe' }, { accessToken: older })
    const isVoid = answer.code === '4015501' || answer.code === '4015503'
    return asAssumed(
      isVoid ? `yes: ${inWords(answer)}; give all processes one storage` : 'no, the older one goes on working',
    )
  },
}

const deviceId: Question<Bench> = {
  id: 'C-12',
  asks: 'Is X-DEVICE-ID required?',
  assumed: 'in ovo-v1.0, and not in core-v1',
  async look({ calls, settings }) {
    const without = await calls.call('binding', {}, { headers: { 'x-device-id': undefined } })
    const { deviceRequired } = settings.endpoints.binding
    const isRequired = /x-device-id/i.test(without.message)
    const saw = `${isRequired ? 'yes' : 'no'}: without it ${inWords(without)}`
    if (!isRequired || deviceRequired) return asAssumed(saw)
    return otherwise(saw, 'endpoints: { binding: { deviceRequired: true } }')
  },
}

const spacedBody: Question<Bench> = {
  id: 'U-16',
  asks: 'Is the body minified by DOKU before it is hashed?',
  assumed: 'it does not matter: what we send is minified',
  async look({ calls }) {
    const rawBody =
      '{ "originalPartnerReferenceNo": "probe", "serviceCode": "55", "additionalInfo": { "channel": "EMONEY_OVO_SNAP" } }'
    const answer = await calls.call('status', {}, { rawBody })
    const isRefused = answer.status === 401
    return asAssumed(isRefused ? `no: ${inWords(answer)}` : `yes: with blanks in it ${inWords(answer)}`)
  },
}

/** What needs the merchant only, and changes nothing. */
export const merchantQuestions: readonly Question<Bench>[] = [
  generation,
  timestampForms,
  tolerance,
  expiresIn,
  olderToken,
  deviceId,
  spacedBody,
]
