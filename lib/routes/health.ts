import type { RequestHandler } from 'express'
import type { Settings } from '../options.ts'
import { recordKeys } from '../storage/records.ts'
import { handle, sendJson } from './middleware/problem.ts'
import { type RouteName, routeTable } from './table.ts'

/** `GET /health`: whether payments can be taken, and what is mounted. No secrets, no figures about customers. */
export function healthRoute(settings: Settings, mounted: readonly RouteName[]): RequestHandler {
  const { api, environment, storage, clientId } = settings
  const routes = mounted.map((name) => `${routeTable[name].method.toUpperCase()} ${routeTable[name].path}`)
  return handle(async (_req, res) => {
    const reachable = await storage.read(recordKeys(clientId).accessToken).then(
      () => true,
      () => false,
    )
    const status = reachable ? 'ok' : 'unavailable'
    sendJson(res, reachable ? 200 : 503, {
      status,
      api,
      environment,
      storage: { scope: storage.scope, reachable },
      routes,
    })
  })
}
