import type { HttpAnswer } from '../../../lib/doku/transport.ts'
import type { Stage } from '../engine/stage.ts'

const json = (httpStatus: number, responseCode: string): HttpAnswer => ({
  httpStatus,
  headers: {},
  body: JSON.stringify({ responseCode, responseMessage: 'scripted' }),
})

const html: HttpAnswer = { httpStatus: 502, headers: {}, body: '<html>Bad Gateway</html>' }
const isSuccess = ({ httpStatus }: HttpAnswer) => httpStatus === 200

/** What a gateway makes of DOKU's answer. It never says what is not so, only less. */
export function distort({ random, journal }: Stage, answer: HttpAnswer): HttpAnswer {
  const service = /"responseCode":"\d{3}(\d\d)/.exec(answer.body)?.[1] ?? '00'
  const kind = random.pick(['500', '504', '202', 'html', 'cut', 'conflict', 'empty'])
  journal.count(`fault: answer ${kind}`)
  switch (kind) {
    case '500':
      return json(500, `500${service}00`)
    case '504':
      return json(504, `504${service}00`)
    case '202':
      return json(202, `202${service}00`)
    case 'html':
      return html
    case 'cut':
      return isSuccess(answer) ? { ...answer, body: answer.body.slice(0, 20) } : html
    case 'conflict':
      return isSuccess(answer) ? { ...answer, httpStatus: 409 } : json(409, `409${service}00`)
    default:
      return { httpStatus: 200, headers: {}, body: '' }
  }
}
