import type { HookEvent } from 'express-doku-ovo'
import type { Simulator } from 'express-doku-ovo/simulator'
import type { Wanted } from './environment.ts'
import { type Listener, startListener } from './listener.ts'
import { createLogger, type Print } from './print.ts'
import { createShop, type Dashboard, type Hint, type Shop } from './server.ts'
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
export async function startDemo(wanted: Wanted, print: Print, told: (event: HookEvent) => void): Promise<Demo> {
  const { sandbox } = wanted
  const doku: Doku = sandbox ? { ...sandbox, hints: {} } : await startSimulated(wanted.api)
  const { dashboard, hints, simulator } = doku
  try {
    const listener = await startListener(wanted.port)
    const url = sandbox?.url ?? listener.url
    const shop = await openShop(listener, () => createShop({ url, dashboard, hints, told, logger: createLogger(print) }))
    simulator?.setMerchant({
      tokenUrl: `${url}/ovo/webhooks/token`,
      notificationUrl: `${url}/ovo/webhooks/notification`,
    })
    return { url, port: listener.port, simulator, hints, close: () => closeAll(simulator, listener, shop) }
  } catch (error) {
    await simulator?.close()
    throw error
  }
}

async function openShop(listener: Listener, create: () => Shop): Promise<Shop> {
  try {
    const shop = create()
    listener.serve(shop.app)
    return shop
  } catch (error) {
    await listener.close()
    throw error
  }
}

/** From the outside in: nobody is left to call what is closed next. */
async function closeAll(simulator: Simulator | undefined, listener: Listener, shop: Shop): Promise<void> {
  await simulator?.close()
  await listener.close()
  await shop.ovo.close()
}
