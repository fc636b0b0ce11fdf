import type { HookEvent, Logger } from 'express-doku-ovo'

/** Writes one line, or several. */
export type Print = (text: string) => void

/** Warnings and errors, one line each; the calls themselves are on the diagnostics channels. */
export function createLogger(print: Print): Logger {
  const line = (level: string) => (details: object, message: string) => {
    const error = 'err' in details && details.err instanceof Error ? `: ${details.err.message}` : ''
    print(`  ${level}: ${message}${error}`)
  }
  return { debug: () => {}, info: () => {}, warn: line('warning'), error: line('error') }
}

/** What a hook was told, in one line. */
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
