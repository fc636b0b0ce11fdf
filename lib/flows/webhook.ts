import { type Inbound, type InboundRequest, isBindingNotification } from '../doku/inbound.ts'
import { stringToSign, tokenStringToSign } from '../doku/signature.ts'
import { InboundRefusal, inboundServiceCodes, type SnapReply, type SnapToken } from '../doku/snap-reply.ts'
import { formatTimestamp } from '../doku/timestamp.ts'
import { isObject, type Json, minifyJson, parseJson } from '../primitives/json.ts'
import { maskQuery, redact, redactHeader, redactHeaders } from '../redaction.ts'
import { channels } from '../telemetry.ts'
import type { Notifications } from './notification.ts'
import type { Outbox } from './outbox/outbox.ts'
import type { Ports } from './ports.ts'

/** An answer in SNAP's own shape. */
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
  readonly request: InboundRequest
  readonly isFlood: boolean
}

/** What DOKU calls on our side. Every refusal is answered as SNAP says and told to the host. @see protocol.md §7 */
export class Webhooks {
  readonly #parts: WebhookParts

  constructor(parts: WebhookParts) {
    this.#parts = parts
  }

  /**
   * DOKU fetches the access token that it needs for a notification. Never throws. `isFlood`: it is one of too many, and
   * is only refused without a word unless it is genuine.
   */
  token(request: InboundRequest, isFlood = false): Promise<SnapAnswer> {
    return this.#answer('token', { request, isFlood }, () => this.#parts.inbound.issueToken(request))
  }

  /** DOKU tells what became of a payment or binding. Never throws: what could not be stored is answered with 500. */
  notification(request: InboundRequest, isFlood = false): Promise<SnapAnswer> {
    return this.#answer('notification', { request, isFlood }, async () => {
      const verified = await this.#parts.inbound.verifyNotification(request)
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
    this.#publish(route, arrival.request, answer)
    return answer
  }

  /** DOKU sends again what was not answered with 2xx (protocol.md §7.3), so an outage of ours loses nothing. */
  #refuse(route: WebhookRoute, { request, isFlood }: Arrival, error: unknown): SnapAnswer {
    const { outbox, ports } = this.#parts
    const headers = { 'X-TIMESTAMP': formatTimestamp(ports.clock()) }
    if (!(error instanceof InboundRefusal)) {
      ports.logger.error({ err: error, route }, 'a webhook could not be handled')
      const service = serviceCodeOf(route, request)
      return { httpStatus: 500, headers, body: { responseCode: `500${service}00`, responseMessage: 'General Error' } }
    }
    if (isFlood) return { httpStatus: 429, headers, body: tooMany(serviceCodeOf(route, request)) }
    const { httpStatus, responseCode, responseMessage } = error
    ports.logger.warn({ route, responseCode, responseMessage }, 'a webhook was refused')
    outbox.announce({ type: 'notificationRejected', route, responseCode, reason: responseMessage })
    return { httpStatus, headers, body: { responseCode, responseMessage } }
  }

  #publish(route: WebhookRoute, request: InboundRequest, answer: SnapAnswer): void {
    if (!channels.webhook.hasSubscribers) return
    const parsed = parseJson(request.body)
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

function tooMany(service: string): SnapReply {
  return { responseCode: `429${service}00`, responseMessage: 'Too Many Requests' }
}

function serviceCodeOf(route: WebhookRoute, { body }: InboundRequest): string {
  if (route === 'token') return inboundServiceCodes.token
  const parsed = parseJson(body)
  const isBinding = parsed.ok && isObject(parsed.value) && isBindingNotification(parsed.value)
  return isBinding ? inboundServiceCodes.binding : inboundServiceCodes.payment
}

/** For people who look for the difference: what the signature has to be over. @see protocol.md §1, §2 */
function stringToSignOf(route: WebhookRoute, { headers, path, body }: InboundRequest): string {
  const shown = (name: string) => redactHeader(name, headers[name] ?? '')
  const timestamp = shown('x-timestamp')
  if (route === 'token') return tokenStringToSign(shown('x-client-key'), timestamp)
  return stringToSign({ method: 'POST', path: maskQuery(path), accessToken: '***', body: minifyJson(body), timestamp })
}
