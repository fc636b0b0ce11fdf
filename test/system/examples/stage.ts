import type { Simulator } from 'express-doku-ovo/simulator'
import { freePort } from '../../support/private-server.ts'
import { startSimulator } from '../../support/shop.ts'
import type { Consumer } from './consumer.ts'
import { dashboard, ExampleProcess } from './example-process.ts'

export interface Stage {
  /** Where the example is, as the world sees it. */
  readonly shop: string
  readonly simulator: Simulator
  readonly example: ExampleProcess
  /** Stops the example first, and removes the consumer. @returns the example's exit code */
  close(): Promise<number | null>
}

export interface StageSetup {
  readonly consumer: Consumer
  readonly file: string
  /** How often it says that it is listening. Default: once. */
  readonly listeners?: number
  readonly variables?: Readonly<Record<string, string>>
  /** The port of a proxy in front, and what the proxy calls the shop. */
  readonly proxy?: { readonly origin: string; readonly path: string; readonly port: number }
}

/** Starts an example, and a simulator that plays DOKU for it. */
export async function startExample(setup: StageSetup): Promise<Stage> {
  const { consumer, file, listeners = 1, variables, proxy } = setup
  const simulator = await startSimulator()
  const port = proxy?.port ?? (await freePort())
  const origin = proxy?.origin ?? `http://127.0.0.1:${port}`
  const shop = origin + (proxy?.path ?? '')
  setMerchant(simulator, shop)
  const known = { ...dashboard(simulator), PUBLIC_URL: origin, ...variables }
  const example = new ExampleProcess({ consumer, file, port, variables: known })
  const close = async () => {
    const code = await example.stop()
    await simulator.close()
    consumer.remove()
    return code
  }
  await example.printed(/listening/, listeners).catch(async (error) => {
    await close()
    throw error
  })
  return { shop, simulator, example, close }
}

/** What a merchant enters in DOKU's dashboard. */
export function setMerchant(simulator: Simulator, shop: string): void {
  const webhooks = `${shop}/ovo/webhooks`
  simulator.setMerchant({ tokenUrl: `${webhooks}/token`, notificationUrl: `${webhooks}/notification` })
}
