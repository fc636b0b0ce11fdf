import type { Request, Response } from 'express'
import type { InboundRequest } from '../doku/inbound.ts'
import { inboundServiceCodes, type SnapReply } from '../doku/snap-reply.ts'
import { ProblemError } from '../errors.ts'
import type { WebhookRoute } from '../flows/webhook.ts'
import { type Warnings, warningTable } from '../warnings.ts'
import { sendJson } from './middleware/answer.ts'
import { readBytes } from './middleware/body.ts'
import type { Handler } from './middleware/problem.ts'
import { type Answer, type CountedRoute, minuteMs, type RouteParts } from './route.ts'

const { token, payment, binding } = inboundServiceCodes

const notifications = [payment, binding]

/**
 * @see `refusalCases`
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#8
 */
const badRequest = {
  '00': 'the body cannot be read',
  '01': 'a field has the wrong form; the message names it',
  '02': 'a field is missing; the message names it',
}

const flood = { '00': 'too many requests from this address were refused' }

const timestamp = {
  description: 'ISO 8601 with an offset. It must be close to now.',
  required: true,
  schema: { type: 'string' },
  example: '2026-01-31T14:30:00+07:00',
} as const

/**
 * The routes that DOKU calls. Only refused requests are counted, and a genuine one is never refused for their number.
 * So a stranger who shares DOKU's address, behind a proxy that the app does not know, cannot shut DOKU out.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7
 */
export const webhookRoutes: Readonly<Record<'webhookToken' | 'webhookNotification', CountedRoute>> = {
  webhookToken: {
    method: 'post',
    path: '/webhooks/token',
    caller: 'doku',
    limit: { limit: 60, windowMs: minuteMs },
    handler: (parts) => webhook('token', parts),
    operation: {
      operationId: 'issueToken',
      dashboardField: 'Token URL',
      summary: 'DOKU fetches the access token that it needs for a notification',
      signature: 'dokuKey',
      requestHeaders: {
        'X-CLIENT-KEY': { description: 'The merchant’s client id.', required: true, schema: { type: 'string' } },
        'X-TIMESTAMP': timestamp,
      },
      body: ['TokenRequest'],
      answers: {
        200: { description: 'The token.', schema: 'SnapToken', headers: ['X-CLIENT-KEY', 'X-TIMESTAMP'] },
        400: snap(400, [token], badRequest),
        401: snap(401, [token], { '00': 'not signed by DOKU, outside the time window, or for another client' }),
        429: snap(429, [token], flood),
        500: snap(500, [token], { '00': 'an error on our side; try again' }),
      },
      problems: [],
    },
  },
  webhookNotification: {
    method: 'post',
    path: '/webhooks/notification',
    caller: 'doku',
    limit: { limit: 120, windowMs: minuteMs },
    handler: (parts) => webhook('notification', parts),
    operation: {
      operationId: 'notify',
      dashboardField: 'Notification URL',
      summary: 'DOKU reports the outcome of a payment, or of linking an account',
      description:
        'Both notifications come to this address and differ in their shape. One that is repeated, late or for nobody ' +
        'changes nothing and is answered with 200. After any other answer, DOKU sends the notification again.',
      signature: 'dokuSecret',
      requestHeaders: {
        'X-PARTNER-ID': { description: 'The merchant’s client id.', required: true, schema: { type: 'string' } },
        'X-TIMESTAMP': {
          ...timestamp,
          description:
            'ISO 8601 with an offset. If it is not close to now, the router asks DOKU instead of believing it.',
        },
        'X-EXTERNAL-ID': { description: 'DOKU’s number of the request.', required: false, schema: { type: 'string' } },
      },
      body: ['PaymentNotification', 'BindingNotification'],
      answers: {
        200: snap(200, notifications, { '00': 'it is stored' }),
        400: snap(400, notifications, badRequest),
        401: snap(401, notifications, {
          '00': 'not signed by DOKU, or for another client',
          '01': 'without an access token that this router issued',
        }),
        404: snap(404, [payment], { 13: 'the amount is not that of the payment' }),
        429: snap(429, notifications, flood),
        500: snap(500, notifications, { '00': 'it could not be stored; send it again' }),
      },
      problems: [],
    },
  },
}

/** An answer in SNAP's shape, with each case code of each service. */
function snap(status: number, services: readonly string[], cases: Readonly<Record<string, string>>): Answer {
  const codes = services.flatMap((service) =>
    Object.entries(cases).map(([caseCode, meaning]) => [`${status}${service}${caseCode}`, meaning]),
  )
  return {
    description: 'In SNAP’s own shape:',
    schema: 'SnapReply',
    headers: ['X-TIMESTAMP'],
    codes: Object.fromEntries(codes),
  }
}

function webhook(name: WebhookRoute, { flows, publicUrl, warnings, isFlood }: RouteParts): Handler {
  const basePath = new URL(publicUrl).pathname.replace(/\/$/, '')
  return async (req, res) => {
    const body = await readBytes(req).catch((error) => sendUnreadable(res, name, error))
    if (res.headersSent) return
    if (!body) return sendConsumed(res, name, warnings)
    const inbound = toInbound(req, body, `${basePath}/webhooks/${name}`)
    const { httpStatus, headers, body: reply } = await flows.webhooks[name](inbound, isFlood(req))
    sendJson(res, httpStatus, reply, { ...headers })
  }
}

/** The path is the public one, because DOKU signs the address that it calls. Only the query comes from the request. */
function toInbound(req: Request, body: Buffer, path: string): InboundRequest {
  const query = req.originalUrl.indexOf('?')
  return { headers: req.headers, body, path: query === -1 ? path : path + req.originalUrl.slice(query) }
}

/** Refuses a body that is too large or encoded, in SNAP's own shape. */
function sendUnreadable(res: Response, name: WebhookRoute, error: unknown): undefined {
  if (!(error instanceof ProblemError)) throw error
  send(res, 400, name, `Bad Request (${error.detail})`)
}

/** The signed bytes are gone, and only the host can change that. So the warning names the fix. */
function sendConsumed(res: Response, name: WebhookRoute, warnings: Warnings): void {
  warnings.raise('BODY_CONSUMED', { route: name })
  send(res, 500, name, warningTable.BODY_CONSUMED)
}

function send(res: Response, status: 400 | 500, name: WebhookRoute, responseMessage: string): void {
  const service = name === 'token' ? token : payment
  const body: SnapReply = { responseCode: `${status}${service}00`, responseMessage }
  sendJson(res, status, body)
}
