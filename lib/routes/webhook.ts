import type { Request, Response } from 'express'
import type { InboundRequest } from '../doku/inbound.ts'
import type { SnapReply } from '../doku/snap-reply.ts'
import { inboundServiceCodes } from '../doku/snap-reply.ts'
import { ProblemError } from '../errors.ts'
import type { SnapAnswer, WebhookRoute, Webhooks } from '../flows/webhook.ts'
import { type Warnings, warningTable } from '../warnings.ts'
import { readBytes } from './middleware/body.ts'
import { type Handler, sendJson } from './middleware/problem.ts'

export interface WebhookRouteParts {
  readonly webhooks: Webhooks
  readonly publicUrl: string
  readonly warnings: Warnings
  /** Whether the request is one of too many. */
  readonly isFlood: (req: Request) => boolean
}

/** `POST /webhooks/token` and `POST /webhooks/notification`: what DOKU calls. @see protocol.md §7 */
export function webhookRoutes(parts: WebhookRouteParts): Record<WebhookRoute, Handler> {
  const basePath = new URL(parts.publicUrl).pathname.replace(/\/$/, '')
  const route =
    (name: WebhookRoute): Handler =>
    async (req, res) => {
      const body = await readBytes(req).catch((error) => sendUnreadable(res, name, error))
      if (res.headersSent) return
      if (!body) return sendConsumed(res, name, parts.warnings)
      const inbound = toInbound(req, body, `${basePath}/webhooks/${name}`)
      send(res, await parts.webhooks[name](inbound, parts.isFlood(req)))
    }
  return { token: route('token'), notification: route('notification') }
}

/** The path is the public one, because DOKU signs what it calls; only the query is taken from the request. */
function toInbound(req: Request, body: Buffer, path: string): InboundRequest {
  const query = req.originalUrl.indexOf('?')
  return { headers: req.headers, body, path: query === -1 ? path : path + req.originalUrl.slice(query) }
}

function send(res: Response, { httpStatus, headers, body }: SnapAnswer): void {
  sendJson(res, httpStatus, body, { ...headers })
}

function serviceCode(name: WebhookRoute): string {
  return name === 'token' ? inboundServiceCodes.token : inboundServiceCodes.payment
}

/** Too large, or encoded: refused in SNAP's own shape. */
function sendUnreadable(res: Response, name: WebhookRoute, error: unknown): undefined {
  if (!(error instanceof ProblemError)) throw error
  reply(res, 400, name, `Bad Request (${error.detail})`)
}

/** The signature covers bytes that are gone: only the host can help, so it is told at once. */
function sendConsumed(res: Response, name: WebhookRoute, warnings: Warnings): void {
  warnings.raise('BODY_CONSUMED', { route: name })
  reply(res, 500, name, warningTable.BODY_CONSUMED)
}

function reply(res: Response, status: 400 | 500, name: WebhookRoute, responseMessage: string): void {
  const body: SnapReply = { responseCode: `${status}${serviceCode(name)}00`, responseMessage }
  sendJson(res, status, body)
}
