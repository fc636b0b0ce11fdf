import type { HookEvent, Logger } from 'express-doku-ovo'

/** Writes one line, or several. */
export type Print = (text: string) => void

/** Warnings and errors, one line each: details of the rest are on the diagnostics channels. */
export function createLogger(print: Print): Logger {
  const line = (level: string) => (details: object, message: string) => {
    const error = 'err' in details && details.err instanceof Error ? `: ${details.err.message}` : ''
    print(`${level}  ${message}${error}`)
  }
  return { debug: () => {}, info: () => {}, warn: line('warning'), error: line('error') }
}

/** What a hook was told, in one line. */
export function describeEvent(event: HookEvent): string {
  switch (event.type) {
    case 'paymentChanged':
      return `order ${event.payment.orderId}: payment ${event.previousStatus} -> ${event.payment.status}`
    case 'bindingChanged':
      return `${event.customerId}: binding ${event.previousStatus ?? 'none'} -> ${event.binding.status}`
    case 'notificationRejected':
      return `a notification was rejected: ${event.responseCode} ${event.reason}`
    case 'notificationUnmatched':
      return 'a notification belongs to nothing here'
  }
}
