import { type Inbound, InboundMessage, type InboundRequest } from '../doku/inbound.ts'
import { stringToSign, tokenStringToSign } from '../doku/signature.ts'
import { InboundRefusal, inboundServiceCodes, type SnapReply, type SnapToken } from '../doku/snap-reply.ts'
import { formatTimestamp } from '../doku/timestamp.ts'
import { type Json, minifyJson } from '../primitives/json.ts'
import { maskQuery, redact, redactHeader, redactHeaders } from '../redaction.ts'
import { channels } from '../telemetry.ts'
import type { Notifications } from './notification.ts'
import type { Outbox } from './outbox/outbox.ts'
import type { Ports } from './ports.ts'

/** The HTTP answer to a webhook, in SNAP's own shape. */
export interface SnapAnswer {
  readonly httpStatus: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: SnapReply | SnapToken
}

export type WebhookRoute = 'token' | 'notification'

export interface WebhookParts {
  readonly ports: Ports
  readonly inbound: Inbound
  readonly notifications: Notifications
  readonly outbox: Outbox
}

interface Arrival {
  readonly message: InboundMessage
  readonly isFlood: boolean
}

/**
 * Answers the requests that DOKU sends to us. The host learns of every refusal. A request of a flood (`isFlood`: the
 * sender is above its limit) is answered if it is genuine; if not, it gets 429 and nobody is told.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7
 */
export class Webhooks {
  readonly #parts: WebhookParts

  constructor(parts: WebhookParts) {
    this.#parts = parts
  }

  /** DOKU fetches the access token that its notifications need. Never throws. */
  token(request: InboundRequest, isFlood = false): Promise<SnapAnswer> {
    const message = new InboundMessage(request)
    return this.#answer('token', { message, isFlood }, () => this.#parts.inbound.issueToken(message))
  }

  /** DOKU tells the result of a payment or binding. Never throws: if the change is not stored, the answer is 500. */
  notification(request: InboundRequest, isFlood = false): Promise<SnapAnswer> {
    const message = new InboundMessage(request)
    return this.#answer('notification', { message, isFlood }, async () => {
      const verified = await this.#parts.inbound.verifyNotification(message)
      const body = await this.#parts.notifications.receive(verified)
      return { headers: { 'X-TIMESTAMP': formatTimestamp(this.#parts.ports.clock()) }, body }
    })
  }

  async #answer(
    route: WebhookRoute,
    arrival: Arrival,
    run: () => Promise<Omit<SnapAnswer, 'httpStatus'>>,
  ): Promise<SnapAnswer> {
    const answer = await run().then(
      (done) => ({ httpStatus: 200, ...done }),
      (error) => this.#refuse(route, arrival, error),
    )
    this.#publish(route, arrival.message, answer)
    return answer
  }

  /**
   * DOKU sends a notification again if the answer was not 2xx, so an outage here loses nothing.
   * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#7-3
   */
  #refuse(route: WebhookRoute, { message, isFlood }: Arrival, error: unknown): SnapAnswer {
    const { outbox, ports } = this.#parts
    const headers = { 'X-TIMESTAMP': formatTimestamp(ports.clock()) }
    const service = inboundServiceCodes[route === 'token' ? 'token' : message.kind]
    if (!(error instanceof InboundRefusal)) {
      ports.logger.error({ err: error, route }, 'a webhook could not be handled')
      return { httpStatus: 500, headers, body: { responseCode: `500${service}00`, responseMessage: 'General Error' } }
    }
    if (isFlood) {
      return {
        httpStatus: 429,
        headers,
        body: { responseCode: `429${service}00`, responseMessage: 'Too Many Requests' },
      }
    }
    const { httpStatus, responseCode, responseMessage } = error
    ports.logger.warn({ route, responseCode, responseMessage }, 'a webhook was refused')
    outbox.announce({ type: 'notificationRejected', route, responseCode, reason: responseMessage })
    return { httpStatus, headers, body: { responseCode, responseMessage } }
  }

  #publish(route: WebhookRoute, message: InboundMessage, answer: SnapAnswer): void {
    if (!channels.webhook.hasSubscribers) return
    const { request, parsed } = message
    const requestBody: Json = parsed.ok ? redact(parsed.value) : null
    channels.webhook.publish({
      clientId: this.#parts.ports.clientId,
      route,
      path: maskQuery(request.path),
      requestHeaders: redactHeaders(request.headers),
      requestBody,
      stringToSign: stringToSignOf(route, request),
      httpStatus: answer.httpStatus,
      responseBody: redact(answer.body),
    })
  }
}

/**
 * The text that the signature must cover, for a person who compares it with DOKU's.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#1
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#2
 */
function stringToSignOf(route: WebhookRoute, { headers, path, body }: InboundRequest): string {
  const shown = (name: string) => redactHeader(name, headers[name] ?? '')
  const timestamp = shown('x-timestamp')
  if (route === 'token') return tokenStringToSign(shown('x-client-key'), timestamp)
  return stringToSign({ method: 'POST', path: maskQuery(path), accessToken: '***', body: minifyJson(body), timestamp })
}
