import express, { type Express } from 'express'
import type { Simulator } from 'express-doku-ovo/simulator'
import type { Wanted } from './environment.ts'
import { type Listener, startListener } from './listener.ts'
import { createShop, type Dashboard, type Hint, type Shop, type ShopOptions } from './server.ts'
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
  close(): Promise<void>
}

interface Doku {
  readonly dashboard: Dashboard
  readonly hints: Readonly<Record<string, Hint>>
  readonly simulator?: Simulator
}

/** Starts the shop, and the simulator unless DOKU's sandbox is wanted. */
export async function startDemo(wanted: Wanted, ears: Pick<ShopOptions, 'logger' | 'told'>): Promise<Demo> {
  const { sandbox, port } = wanted
  const doku: Doku = sandbox ? { dashboard: sandbox.dashboard, hints: {} } : await startSimulated(wanted.api)
  const { dashboard, hints, simulator } = doku
  const listener = await startListener(port)
  const url = sandbox?.url ?? listener.url
  try {
    const shop = createShop({ url, dashboard, hints, ...ears })
    listener.serve(sandbox ? shop.app : withOneHostName(url, shop.app))
    simulator?.setMerchant(webhooksAt(url))
    return { url, port: listener.port, simulator, hints, close: () => closeAll(listener, simulator, shop) }
  } catch (error) {
    await closeAll(listener, simulator)
    throw error
  }
}

/** What a merchant enters in the DOKU dashboard. */
function webhooksAt(url: string): { tokenUrl: string; notificationUrl: string } {
  return { tokenUrl: `${url}/ovo/webhooks/token`, notificationUrl: `${url}/ovo/webhooks/notification` }
}

/** The cookie belongs to one host name, and OVO sends people back to that one: who typed localhost goes there first. */
function withOneHostName(url: string, app: Express): Express {
  const guard = express().disable('x-powered-by')
  guard.use((req, res, next) => (req.hostname === 'localhost' ? res.redirect(303, url + req.originalUrl) : next()))
  return guard.use(app)
}

/** From the outside in: when something is closed, nobody is left to call it. */
async function closeAll(listener: Listener, simulator?: Simulator, shop?: Shop): Promise<void> {
  await simulator?.close()
  await listener.close()
  await shop?.ovo.close()
}
