import type { ServerResponse } from 'node:http'
import { GENERATIONS, type Received } from '../protocol/routes.ts'
import type { World } from '../world.ts'
import { bindingPage } from './binding-page.ts'
import { PAGE_POLICY } from './html.ts'
import { answerPage, type Page, type PageAnswer, type PageRequest, pageNotFound } from './page.ts'
import { paymentPage } from './payment-page.ts'
import { languageOf } from './words.ts'

/** `/direct-debit/ui/binding/<id>` and `/direct-debit/ui/payment/<id>`. The current generation has `core/` before the id. */
const PAGE_PATH = /^\/direct-debit\/ui\/(binding|payment)\/(core\/)?(\d+)$/

export function isPagePath(path: string): boolean {
  return PAGE_PATH.test(path)
}

export function servePage(world: World, received: Received, response: ServerResponse): void {
  sendPage(response, pageFor(world, received))
}

function pageFor(world: World, received: Received): PageAnswer {
  const request = pageRequest(world, received)
  const page = findPage(world, received.path)
  if (!page) return pageNotFound(request.language)
  const answer = answerPage(page, request)
  world.journal.emit({ moment: 'page', page: { purpose: page.purpose, method: request.method, status: answer.status } })
  return answer
}

function findPage(world: World, path: string): Page | undefined {
  const [, purpose, prefix = '', id = ''] = PAGE_PATH.exec(path) ?? []
  if (purpose === 'binding') {
    const binding = world.bindings.byId(id)
    return binding && GENERATIONS[binding.generation].pagePrefix === prefix ? bindingPage(world, binding) : undefined
  }
  const payment = world.payments.byPageId(id)
  return payment && GENERATIONS[payment.generation].pagePrefix === prefix ? paymentPage(world, payment) : undefined
}

function pageRequest({ settings }: World, { method, target, path, headers, body }: Received): PageRequest {
  const query = new URL(target, 'http://localhost').searchParams
  const language = languageOf(query.get('lang'), headers['accept-language'])
  const isNavigation = headers['sec-fetch-mode'] === 'navigate'
  return { method, path, query, language, isNavigation, body: body.toString('utf8'), now: settings.clock() }
}

/** Allows no script, no frame and no cache, because the URL alone opens the page. */
function sendPage(response: ServerResponse, { status, html, location }: PageAnswer): void {
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.setHeader('content-security-policy', PAGE_POLICY)
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('cache-control', 'no-store')
  response.setHeader('referrer-policy', 'no-referrer')
  if (location) response.setHeader('location', location)
  response.writeHead(status).end(html)
}
