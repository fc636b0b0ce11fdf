import type { RequestHandler } from 'express'
import type { HookEvent } from 'express-doku-ovo'
import { type Conversation, type Draft, detailsOf, type Tone } from './conversation.ts'

/** Hides DOKU's requests, which the plug-in reports itself, and reads and page files, which would crowd out the rest. */
function isShown(method: string, path: string): boolean {
  if (/^\/ovo\/(return|balance)\b/.test(path)) return true
  const isChange = method !== 'GET' && method !== 'HEAD'
  return isChange && (/^\/ovo\/(?!webhooks\/)/.test(path) || path === '/api/orders')
}

/** Adds the browser's requests to the shop and the plug-in to the conversation. */
export function hearBrowser(conversation: Conversation): RequestHandler {
  return (req, res, next) => {
    if (!isShown(req.method, req.path)) return next()
    const path = req.path.replace(/\/[^/]{40,}/g, '/***')
    const to = req.path.startsWith('/ovo/') ? 'plugin' : 'shop'
    const title = `${req.method} ${path}`
    const details = detailsOf({ request: title })
    const id = conversation.add({ from: 'browser', to, title, answer: '', tone: 'pending', details })
    res.once('close', () => {
      const answer = res.writableFinished ? String(res.statusCode) : 'cut'
      conversation.complete(id, {
        answer,
        tone: toneOf(res.statusCode),
        details: [...details, ...detailsOf({ answer })],
      })
    })
    next()
  }
}

function toneOf(status: number): Tone {
  if (status === 202) return 'odd'
  return status < 400 ? 'good' : 'bad'
}

/** The entry for a hook's event. */
export function hookEntry(event: HookEvent): Draft {
  return {
    from: 'plugin',
    to: 'shop',
    title: `${event.type}${summaryOf(event)}`,
    answer: '',
    tone: event.type === 'orderPaidTwice' ? 'bad' : 'good',
    details: detailsOf({ event: withoutPages(event) }),
  }
}

function summaryOf(event: HookEvent): string {
  if (event.type === 'paymentChanged') return ` ${event.payment.orderId}: ${event.payment.status}`
  if (event.type === 'bindingChanged') return ` ${event.customerId}: ${event.binding.status}`
  return event.type === 'refundChanged' ? `: ${event.refund.status}` : ''
}

/** Hides the URLs of OVO's pages. The URL alone opens a page, and only its customer may have it. */
function withoutPages(event: HookEvent): unknown {
  const hide = (name: string, value: unknown) => (/redirectUrl$/i.test(name) ? '***' : value)
  return JSON.parse(JSON.stringify(event, hide))
}
