import type { Bindings } from '../flows/binding.ts'
import type { BindingInput } from '../model/input.ts'
import { readJson } from './middleware/body.ts'
import type { WhoAsks } from './middleware/identify.ts'
import { type Handler, sendJson } from './middleware/problem.ts'

/** `POST /bindings`, `GET /bindings`, `DELETE /bindings`: the customer's own OVO account. */
export function bindingRoutes(bindings: Bindings, whoAsks: WhoAsks): Record<'bind' | 'binding' | 'unbind', Handler> {
  return {
    bind: async (req, res) => {
      const customer = await whoAsks(req)
      // The flow checks it: it can be anything until then.
      const input = (await readJson(req)) as BindingInput
      sendJson(res, 201, await bindings.start(customer, input))
    },
    binding: async (req, res) => {
      sendJson(res, 200, await bindings.find(await whoAsks(req)))
    },
    unbind: async (req, res) => {
      sendJson(res, 200, await bindings.end(await whoAsks(req)))
    },
  }
}
