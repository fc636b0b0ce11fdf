import type { HookEvent, Logger } from 'express-doku-ovo'

/** Writes one or more lines. */
export type Print = (text: string) => void

/** Prints warnings and errors, one line each. The calls themselves come from the diagnostics channels. */
export function createLogger(print: Print): Logger {
  const line = (level: string) => (details: object, message: string) => {
    const error = 'err' in details && details.err instanceof Error ? `: ${details.err.message}` : ''
    print(`  ${level}: ${message}${error}`)
  }
  return { debug: () => {}, info: () => {}, warn: line('warning'), error: line('error') }
}

/** Describes a hook's event in one line. */
export function describeEvent(event: HookEvent): string {
  switch (event.type) {
    case 'paymentChanged':
      return `hook paymentChanged: order ${event.payment.orderId} ${event.previousStatus} → ${event.payment.status}`
    case 'bindingChanged':
      return `hook bindingChanged: ${event.customerId} ${event.previousStatus ?? 'none'} → ${event.binding.status}`
    case 'notificationRejected':
      return `hook notificationRejected: ${event.responseCode} ${event.reason}`
    default:
      return `hook ${event.type}`
  }
}
