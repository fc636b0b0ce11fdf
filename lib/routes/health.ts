import type { ParkedEvents } from '../flows/outbox/parked-events.ts'
import type { Settings } from '../options/options.ts'
import { type Handler, sendJson } from './middleware/problem.ts'
import { type RouteName, routeTable } from './table.ts'

/** What `GET /health` answers. */
export interface Health {
  readonly status: 'ok' | 'unavailable'
  readonly api: Settings['api']
  readonly environment: Settings['environment']
  readonly storage: { readonly scope: Settings['storage']['scope']; readonly reachable: boolean }
  /** `null` while the storage cannot be reached. */
  readonly parkedEvents: number | null
  readonly routes: readonly string[]
}

/** `GET /health`: whether payments can be taken, what is mounted, and how many events wait for a person. No secrets, no figures about customers. */
export function healthRoute(settings: Settings, parked: ParkedEvents, mounted: readonly RouteName[]): Handler {
  const { api, environment, storage } = settings
  const routes = mounted.map((name) => `${routeTable[name].method.toUpperCase()} ${routeTable[name].path}`)
  return async (_req, res) => {
    const events = await parked.list().catch(() => undefined)
    const reachable = events !== undefined
    const health: Health = {
      status: reachable ? 'ok' : 'unavailable',
      api,
      environment,
      storage: { scope: storage.scope, reachable },
      parkedEvents: events?.length ?? null,
      routes,
    }
    sendJson(res, reachable ? 200 : 503, health)
  }
}
