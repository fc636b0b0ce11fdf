import { sendJson, sendJsonText } from './middleware/answer.ts'
import type { Route, RouteParts } from './route.ts'

/** The answer of `GET /health`. */
export interface Health extends Pick<RouteParts, 'api' | 'environment'> {
  readonly status: 'ok' | 'unavailable'
  readonly storage: { readonly scope: RouteParts['storageScope']; readonly reachable: boolean }
  /** `null` while the storage cannot be reached. */
  readonly parkedEvents: number | null
  /** How many of the latest orders were paid twice, at most 100. `null` while the storage cannot be reached. */
  readonly paidTwice: number | null
  /** Every mounted route, as `POST /payments`. */
  readonly routes: readonly string[]
}

/**
 * For those who run the shop. These answers hold no secrets and no figures about customers. Nothing here is counted:
 * probes share the address of the proxy, and a 429 would take a healthy shop down.
 */
export const operationsRoutes: Readonly<Record<'health' | 'openapi', Route>> = {
  health: {
    method: 'get',
    path: '/health',
    caller: 'operations',
    handler: (parts) => async (_req, res) => {
      const health = await readHealth(parts)
      sendJson(res, health.status === 'ok' ? 200 : 503, health)
    },
    operation: {
      summary: 'Whether payments can be taken',
      answers: {
        200: { description: 'They can.', schema: 'Health' },
        503: { description: 'The storage cannot be reached.', schema: 'Health' },
      },
      problems: [],
    },
  },
  openapi: {
    method: 'get',
    path: '/openapi.json',
    caller: 'operations',
    handler:
      ({ openApi }) =>
      async (_req, res) =>
        sendJsonText(res, 200, await openApi()),
    operation: {
      summary: 'This document',
      answers: { 200: { description: 'The OpenAPI 3.1 document of exactly the mounted routes.', schema: 'OpenApi' } },
      problems: [],
    },
  },
}

async function readHealth({ flows, api, environment, storageScope, mounted }: RouteParts): Promise<Health> {
  const read = Promise.all([flows.parked.list(), flows.orders.paidTwice()])
  const [events, paidTwice] = await read.catch(() => [])
  const reachable = events !== undefined
  return {
    status: reachable ? 'ok' : 'unavailable',
    api,
    environment,
    storage: { scope: storageScope, reachable },
    parkedEvents: events?.length ?? null,
    paidTwice: paidTwice?.length ?? null,
    routes: mounted,
  }
}
