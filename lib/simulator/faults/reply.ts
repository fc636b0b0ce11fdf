import type { ServerResponse } from 'node:http'
import { type Answer, messageOf, Refusal, refuse } from '../protocol/answers.ts'
import type { OperationFault, OperationFaultKind } from './fault.ts'

/** An answer as it goes over the wire. */
export interface Reply {
  /** `cut` and `never`: no byte goes out. `middle`: half of the text goes out, then the connection is destroyed. */
  readonly ends: 'well' | 'middle' | 'cut' | 'never'
  /** 0 when there is no answer. */
  readonly status: number
  readonly contentType: string
  readonly text: string
  /** The responseCode in the text. Empty when there is none. */
  readonly code: string
}

type Make<Kind extends OperationFaultKind> = (fault: OperationFault<Kind>, truth: Answer, serviceCode: string) => Reply

const DEFAULT_OVERSIZE_BYTES = 10 * 1024 * 1024

const PAGE = '<!doctype html><title>Gateway</title><h1>Something went wrong</h1>\n'

const NOTHING = { status: 0, contentType: '', text: '', code: '' }

const json = ({ status, body }: Answer): Reply => ({
  ends: 'well',
  status,
  contentType: 'application/json',
  text: JSON.stringify(body),
  code: String(body.responseCode),
})

const page = (status: number): Reply => ({ ends: 'well', status, contentType: 'text/html', text: PAGE, code: '' })

const trueAnswer = (_fault: unknown, truth: Answer) => json(truth)

const snap = (status: number, code: string, message: string): Answer => ({
  status,
  body: { responseCode: code, responseMessage: message },
})

/** The answer that each fault makes. */
const REPLIES: { readonly [Kind in OperationFaultKind]: Make<Kind> } = {
  none: trueAnswer,
  latency: trueAnswer,
  'revoked-tokens': trueAnswer,
  lag: trueAnswer,
  'fails-first': trueAnswer,
  hang: () => ({ ...NOTHING, ends: 'never' }),
  cut: () => ({ ...NOTHING, ends: 'cut' }),
  'cut-answer': (_fault, truth) => ({ ...json(truth), ends: 'middle' }),
  'http-error': ({ status = 500, body = 'snap' }, _truth, serviceCode) => httpError(status, body, serviceCode),
  html: () => page(200),
  garbage: (_fault, truth) => ({
    ...json(truth),
    status: 200,
    text: JSON.stringify(truth.body).slice(0, -8),
    code: '',
  }),
  oversize: ({ bytes = DEFAULT_OVERSIZE_BYTES }, { body }) =>
    json({ status: 200, body: { ...body, padding: 'x'.repeat(bytes) } }),
  'in-progress': (_fault, _truth, serviceCode) => json(refuse(serviceCode, new Refusal('requestInProgress'))),
  refusal: ({ code, message }, _truth, serviceCode) => refusal(code, message, serviceCode),
}

function httpError(status: number, body: 'snap' | 'html' | 'none', serviceCode: string): Reply {
  if (body === 'html') return page(status)
  if (body === 'none') return { ...page(status), text: '' }
  return json(snap(status, `${status}${serviceCode}00`, messageOf(status, '00') ?? 'General Error'))
}

function refusal(code: string, message: string | undefined, serviceCode: string): Reply {
  const status = Number(code.slice(0, 3))
  const words = message ?? messageOf(status, code.slice(5)) ?? 'Refused'
  return json(snap(status, code.replace('xx', serviceCode), words))
}

/** `truth` is the operation's own answer, which the caller gets when no fault strikes. */
export function replyUnder<Kind extends OperationFaultKind>(
  fault: OperationFault<Kind>,
  truth: Answer,
  serviceCode: string,
): Reply {
  return REPLIES[fault.kind](fault, truth, serviceCode)
}

type Send = (response: ServerResponse, headers: Readonly<Record<string, string>>, reply: Reply) => void

/** A longer answer is sent without Content-Length, so that the receiver must count bytes itself. */
const LARGEST_ANNOUNCED_BYTES = 65_536

const ENDINGS: Readonly<Record<Reply['ends'], Send>> = {
  never: () => {},
  cut: (response) => response.destroy(),
  well(response, headers, { status, contentType, text }) {
    response.writeHead(status, { ...headers, 'content-type': contentType })
    if (text.length > LARGEST_ANNOUNCED_BYTES) response.write(text.slice(0, LARGEST_ANNOUNCED_BYTES))
    response.end(text.slice(text.length > LARGEST_ANNOUNCED_BYTES ? LARGEST_ANNOUNCED_BYTES : 0))
  },
  /** Announces the whole length, sends half of it, then cuts the connection. */
  middle(response, headers, { status, contentType, text }) {
    const bytes = Buffer.from(text)
    response.writeHead(status, { ...headers, 'content-type': contentType, 'content-length': bytes.length })
    response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy())
  },
}

export const sendReply: Send = (response, headers, reply) => ENDINGS[reply.ends](response, headers, reply)
