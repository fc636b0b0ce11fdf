import express, { type Express } from 'express'
import type { HookEvent, Logger } from 'express-doku-ovo'
import type { Simulator } from 'express-doku-ovo/simulator'
import { Backstage } from './backstage/backstage.ts'
import { DemoClock } from './backstage/clock.ts'
import { PausableStorage } from './backstage/pausable-storage.ts'
import type { Wanted } from './environment.ts'
import { keepSimulator } from './keep-simulator.ts'
import { type Keeping, openKeeping } from './keeping.ts'
import { type Listener, startListener } from './listener.ts'
import { createShop, type Dashboard, type Shop } from './server.ts'
import type { Hint } from './shop-routes.ts'
import { startSimulated } from './simulated.ts'

/** The demo while it runs. */
export interface Demo {
  /** Where to open the shop. */
  readonly url: string
  /** On this machine; differs from the wanted one when that was taken. */
  readonly port: number
  /** Who plays DOKU; absent when DOKU's sandbox does. */
  readonly simulator: Simulator | undefined
  readonly hints: Readonly<Record<string, Hint>>
  /** Where its state is, in a sentence. */
  readonly keeping: string
  close(): Promise<void>
}

/** Who is told what happens. */
export interface Ears {
  readonly logger: Logger
  readonly told: (event: HookEvent) => void
}

interface Doku {
  readonly dashboard: Dashboard
  readonly hints: Readonly<Record<string, Hint>>
  readonly simulator?: Simulator
}

/** Starts the shop, and the simulator unless DOKU's sandbox is wanted. */
export async function startDemo(wanted: Wanted, ears: Ears): Promise<Demo> {
  const { sandbox } = wanted
  const clock = new DemoClock()
  const keeping = await openKeeping(wanted.keeping, clock.now)
  if (!sandbox) clock.skip(Number((await keeping.shelf.get('skippedMs')) ?? 0))
  const { dashboard, hints, simulator }: Doku = sandbox
    ? { dashboard: sandbox.dashboard, hints: {} }
    : await startSimulated(wanted.api, keeping.shelf, clock)
  const listener = await startListener(wanted.port)
  const url = sandbox?.url ?? listener.url
  const backstage = new Backstage(clock.now)
  const kept = simulator && keeping.survives ? keepSimulator(simulator, keeping.shelf) : undefined
  const close = closeAll.bind(undefined, { listener, backstage, keeping, simulator, kept })
  try {
    const storage = new PausableStorage(keeping.storage)
    const told = (event: HookEvent) => {
      ears.told(event)
      backstage.told(event)
    }
    const shop = await createShop({
      ...{ url, hints, told },
      dashboard: { ...dashboard, storage },
      logger: ears.logger,
      shelf: keeping.shelf,
    })
    if (simulator) {
      simulator.setMerchant(webhooksAt(url))
      const keepClock = (skippedMs: number) => keeping.shelf.put('skippedMs', String(skippedMs))
      backstage.set({ simulator, clock, storage, keepClock, reconcile: () => shop.ovo.service.reconcile() })
    }
    listener.serve(withBackstage(shop.app, backstage, sandbox ? undefined : url))
    return { url, port: listener.port, simulator, hints, keeping: keeping.description, close: () => close(shop) }
  } catch (error) {
    await close()
    throw error
  }
}

/** What a merchant enters in the DOKU dashboard. */
function webhooksAt(url: string): { tokenUrl: string; notificationUrl: string } {
  return { tokenUrl: `${url}/ovo/webhooks/token`, notificationUrl: `${url}/ovo/webhooks/notification` }
}

/**
 * The shop, and behind its scenes. The cookie belongs to one host name, and OVO sends people back to that one: who typed
 * localhost goes there first.
 */
function withBackstage(shop: Express, backstage: Backstage, onlyUrl: string | undefined): Express {
  const app = express().disable('x-powered-by')
  app.use((req, res, next) => {
    const isElsewhere = onlyUrl !== undefined && req.hostname === 'localhost'
    return isElsewhere ? res.redirect(303, onlyUrl + req.originalUrl) : next()
  })
  app.use('/backstage', backstage.routes())
  return app.use(backstage.hears).use(shop)
}

interface Parts {
  readonly listener: Listener
  readonly backstage: Backstage
  readonly keeping: Keeping
  readonly simulator: Simulator | undefined
  readonly kept: ReturnType<typeof keepSimulator> | undefined
}

/** From the outside in: when something is closed, nobody is left to call it. */
async function closeAll({ listener, backstage, keeping, simulator, kept }: Parts, shop?: Shop): Promise<void> {
  await simulator?.close()
  backstage.close()
  await listener.close()
  await shop?.ovo.close()
  await kept?.finish()
  await keeping.close()
}
