import { type ChangeMessage, channels } from '../telemetry.ts'
import type { NewEvent } from './outbox.ts'

/** Publishes a stored change on `express-doku-ovo:change`, when somebody listens. */
export function publishChange(clientId: string, event: NewEvent): void {
  if (!channels.change.hasSubscribers) return
  const message = toMessage(event)
  if (message) channels.change.publish({ clientId, ...message })
}

function toMessage(event: NewEvent): Omit<ChangeMessage, 'clientId'> | undefined {
  if (event.type === 'paymentChanged') {
    const { partnerReferenceNo, status } = event.payment
    return { subject: 'payment', id: partnerReferenceNo, from: event.previousStatus, to: status }
  }
  if (event.type === 'bindingChanged') {
    return { subject: 'binding', id: event.customerId, from: event.previousStatus, to: event.binding.status }
  }
  if (event.type === 'refundChanged') {
    const { partnerRefundNo, status } = event.refund
    return { subject: 'refund', id: partnerRefundNo, from: event.previousStatus, to: status }
  }
  return undefined
}
