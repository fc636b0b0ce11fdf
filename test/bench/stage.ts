import { createKeys } from '../crash/driver/merchant.ts'
import { Workshop } from '../crash/workshop.ts'
import { Child, type Main } from './child.ts'
import type { LoadJob, LoadResult, Secrets, ServerSetup } from './processes/messages.ts'
import { tokenRequest } from './processes/scenarios.ts'

/** How long each part takes. */
export interface Pace {
  readonly isQuick: boolean
  readonly sliceSeconds: number
  /** Before anything is measured: by then the code is compiled, however busy the machine is. */
  readonly warmUpRequests: number
  /** Pairs of slices. */
  readonly pairs: number
  /** How many payments stand for "many" in row 7. */
  readonly manyPayments: number
  /** How many requests the soak has. */
  readonly soakRequests: number
}

export const fullPace: Pace = {
  isQuick: false,
  sliceSeconds: 3,
  warmUpRequests: 10_000,
  pairs: 6,
  manyPayments: 1_000_000,
  soakRequests: 1_000_000,
}

/** Shows that everything works; its figures say little. */
export const quickPace: Pace = {
  isQuick: true,
  sliceSeconds: 1,
  warmUpRequests: 2_000,
  pairs: 2,
  manyPayments: 20_000,
  soakRequests: 20_000,
}

/** Many enough to keep a server busy, few enough for two cores. */
const usualConnections = 32

/** What most figures are about. */
export const paymentScenario = { scenario: 'payment', expects: '"status":"awaiting-customer"' } as const

const plainSetup = { limiter: true, hook: true, awaiting: 0 } as const

type Load = Omit<LoadJob, 'origins' | 'connections' | 'secrets' | 'bearer'> & Partial<Pick<LoadJob, 'connections'>>

/** What all parts of the benchmark share: keys, DOKU, the load, and servers when they are wanted. */
export class Stage {
  readonly pace: Pace
  readonly workshop = new Workshop()
  readonly #keys = createKeys()
  readonly #load: Child
  #doku: Child | undefined

  constructor(pace: Pace) {
    this.pace = pace
    this.#load = new Child('load', this.workshop)
  }

  get clientId(): string {
    return this.#keys.merchant.clientId
  }

  async startServer(main: Main, setup: Partial<ServerSetup> = {}): Promise<Child> {
    const child = new Child(main, this.workshop)
    const { origin } = await this.#startedDoku()
    await child.serve({ ...plainSetup, merchant: this.#keys.merchant, dokuUrl: origin, ...setup })
    return child
  }

  /** `bearer`: as DOKU, when it has fetched our token. */
  load(servers: readonly Child[], load: Load, bearer = ''): Promise<LoadResult> {
    const origins = servers.map(({ origin }) => origin)
    return this.#load.load({ connections: usualConnections, ...load, origins, bearer, secrets: this.#secrets() })
  }

  /** The token that the plug-in gives to DOKU. */
  async fetchBearer({ origin }: Child): Promise<string> {
    const { method, path, headers, body } = tokenRequest(this.#secrets())(0)
    const response = await fetch(origin + path, { method, headers, body })
    return ((await response.json()) as { accessToken: string }).accessToken
  }

  close(): Promise<void> {
    return this.workshop.close()
  }

  async #startedDoku(): Promise<Child> {
    if (this.#doku) return this.#doku
    this.#doku = new Child('doku', this.workshop)
    await this.#doku.serve({ ...plainSetup, merchant: this.#keys.merchant, dokuUrl: '' })
    return this.#doku
  }

  #secrets(): Secrets {
    const { merchant, dokuPrivateKey } = this.#keys
    return { clientId: merchant.clientId, secretKey: merchant.secretKey, dokuPrivateKey }
  }
}
