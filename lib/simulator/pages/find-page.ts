import { GENERATIONS } from '../protocol/routes.ts'
import type { World } from '../world.ts'
import { bindingPage } from './binding-page.ts'
import type { Page } from './page.ts'
import { paymentPage } from './payment-page.ts'

/** `/direct-debit/ui/binding/<id>` and `/direct-debit/ui/payment/<id>`, in the current generation with `core/` before the id. */
const PAGE_PATH = /^\/direct-debit\/ui\/(binding|payment)\/(core\/)?(\d+)$/

export function isPagePath(path: string): boolean {
  return PAGE_PATH.test(path)
}

export function findPage(world: World, path: string): Page | undefined {
  const [, purpose, prefix = '', id = ''] = PAGE_PATH.exec(path) ?? []
  if (purpose === 'binding') {
    const binding = world.bindings.byId(id)
    return binding && GENERATIONS[binding.generation].pagePrefix === prefix ? bindingPage(world, binding) : undefined
  }
  const payment = world.payments.byPageId(id)
  return payment && GENERATIONS[payment.generation].pagePrefix === prefix ? paymentPage(world, payment) : undefined
}
