import express, { type Express } from 'express'
import type { DokuOvo, HookEvent, Logger } from 'express-doku-ovo'
import type { Simulator } from 'express-doku-ovo/simulator'
import { Backstage } from './backstage/backstage.ts'
import { DemoClock } from './backstage/clock.ts'
import { PausableStorage } from './backstage/pausable-storage.ts'
import type { Wanted } from './environment.ts'
import { keepSimulator } from './keep-simulator.ts'
import { type Keeping, openKeeping } from './keeping.ts'
import { type Listener, startListener } from './listener.ts'
import { Metrics } from './metrics.ts'
import { createShop } from './server.ts'
import type { Hint } from './shop-routes.ts'
import { type Simulated, startSimulated } from './simulated.ts'

/** The running demo. */
export interface Demo {
  /** The URL of the shop. */
  readonly url: string
  /** The port on this machine. It differs from the wanted port if that was taken. */
  readonly port: number
  /** Plays DOKU. Absent when the demo uses DOKU's sandbox. */
  readonly simulator: Simulator | undefined
  readonly hints: Readonly<Record<string, Hint>>
  /** Says in a sentence where the state is kept. */
  readonly keeping: string
  close(): Promise<void>
}

/** The listeners for everything that happens. */
export interface Listeners {
  readonly logger: Logger
  readonly told: (event: HookEvent) => void
}

/** All running parts. `closeAll` closes them. */
interface Parts {
  keeping: Keeping
  simulator?: Simulator
  kept?: ReturnType<typeof keepSimulator>
  listener?: Listener
  backstage?: Backstage
  metrics?: Metrics
  ovo?: DokuOvo
}

/** Starts the shop, and the simulator unless DOKU's sandbox is wanted. */
export async function startDemo(wanted: Wanted, listeners: Listeners): Promise<Demo> {
  const clock = new DemoClock()
  const parts: Parts = { keeping: await openKeeping(wanted.keeping, clock.now) }
  try {
    return await open(parts, clock, wanted, listeners)
  } catch (error) {
    await closeAll(parts)
    throw error
  }
}

async function open(parts: Parts, clock: DemoClock, wanted: Wanted, listeners: Listeners): Promise<Demo> {
  const { keeping } = parts
  const { dashboard, hints } = await openDoku(parts, clock, wanted)
  const listener = await startListener(wanted.port)
  const backstage = new Backstage(clock.now)
  const metrics = new Metrics()
  Object.assign(parts, { listener, backstage, metrics })
  const url = wanted.sandbox?.url ?? listener.url
  const storage = new PausableStorage(keeping.storage)
  const told = (event: HookEvent) => {
    listeners.told(event)
    backstage.told(event)
  }
  const { app, ovo } = await createShop({
    ...{ url, hints, told },
    dashboard: { ...dashboard, storage },
    logger: listeners.logger,
    shelf: keeping.shelf,
  })
  parts.ovo = ovo
  const { simulator } = parts
  if (simulator) {
    simulator.setMerchant(webhooksAt(url))
    const keepClock = (skippedMs: number) => keeping.shelf.put('skippedMs', String(skippedMs))
    backstage.set({ simulator, clock, storage, keepClock, reconcile: () => ovo.service.reconcile() })
  }
  listener.serve(withBackstage(app, backstage, metrics, simulator && url))
  return { url, port: listener.port, simulator, hints, keeping: keeping.description, close: () => closeAll(parts) }
}

/** DOKU's sandbox, or a simulator that continues from its saved state. */
async function openDoku(
  parts: Parts,
  clock: DemoClock,
  { sandbox, api }: Wanted,
): Promise<Omit<Simulated, 'simulator'>> {
  if (sandbox) return { dashboard: sandbox.dashboard, hints: {} }
  const { shelf, survives } = parts.keeping
  clock.skip(Number((await shelf.get('skippedMs')) ?? 0))
  const { simulator, ...rest } = await startSimulated(api, shelf, clock)
  parts.simulator = simulator
  if (survives) parts.kept = keepSimulator(simulator, shelf)
  return rest
}

/** The URLs that a merchant enters in the DOKU dashboard. */
function webhooksAt(url: string): { tokenUrl: string; notificationUrl: string } {
  return { tokenUrl: `${url}/ovo/webhooks/token`, notificationUrl: `${url}/ovo/webhooks/notification` }
}

/**
 * Adds the backstage page and the metrics to the shop. The cookie belongs to one host name, and OVO sends people back to that
 * name. So a browser that opens `localhost` is redirected there first.
 */
function withBackstage(shop: Express, backstage: Backstage, metrics: Metrics, onlyUrl: string | undefined): Express {
  const app = express().disable('x-powered-by')
  app.use((req, res, next) => {
    const isElsewhere = onlyUrl !== undefined && req.hostname === 'localhost'
    return isElsewhere ? res.redirect(303, onlyUrl + req.originalUrl) : next()
  })
  app.get('/metrics', metrics.handler)
  app.use('/backstage', backstage.routes())
  return app.use(backstage.hears).use(shop)
}

/** Closes the outer parts first, so that no part calls a closed one. */
async function closeAll({ keeping, simulator, kept, listener, backstage, metrics, ovo }: Parts): Promise<void> {
  await simulator?.close()
  backstage?.close()
  await listener?.close()
  await ovo?.close()
  metrics?.close()
  await kept?.finish()
  await keeping.close()
}
