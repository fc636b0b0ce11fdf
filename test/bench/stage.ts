import { createKeys } from '../crash/driver/merchant.ts'
import { Workshop } from '../crash/workshop.ts'
import { buildProcesses, type Main } from './build-processes.ts'
import { Child } from './child.ts'
import type { LoadJob, LoadResult, Secrets, ServerSetup } from './processes/messages.ts'
import { tokenRequest } from './processes/scenarios.ts'

/** How long each part takes. */
export interface Pace {
  readonly isQuick: boolean
  readonly sliceSeconds: number
  /** Before anything is measured: by then the code is compiled, however busy the machine is. */
  readonly warmUpRequests: number
  /** Pairs of slices that have to be undisturbed. */
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

const plainSetup = { limiter: true, hook: true, awaiting: 0, countsSigning: false } as const

type Load = Omit<LoadJob, 'origins' | 'connections' | 'secrets' | 'bearer'> & Partial<Pick<LoadJob, 'connections'>>

/** What all parts of the benchmark share: keys, DOKU, the load, and servers when they are wanted. */
export class Stage {
  readonly pace: Pace
  readonly workshop = new Workshop()
  /** Where the processes are, with a `node_modules` that has the package and what it needs. */
  readonly folder = buildProcesses(this.workshop)
  readonly #keys = createKeys()
  readonly #load: Child
  #doku: Child | undefined

  constructor(pace: Pace) {
    this.pace = pace
    this.#load = new Child('load', this.folder, this.workshop)
  }

  get clientId(): string {
    return this.#keys.merchant.clientId
  }

  async startServer(main: Main, setup: Partial<ServerSetup> = {}, doku?: Child): Promise<Child> {
    const child = new Child(main, this.folder, this.workshop)
    const { origin } = doku ?? (await this.#sharedDoku())
    await child.serve({ ...plainSetup, merchant: this.#keys.merchant, dokuUrl: origin, ...setup })
    return child
  }

  /** A DOKU of one's own, whose tokens last that long. */
  async startDoku(environment: Record<string, string> = {}): Promise<Child> {
    const doku = new Child('doku', this.folder, this.workshop, environment)
    await doku.serve({ ...plainSetup, merchant: this.#keys.merchant, dokuUrl: '' })
    return doku
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

  async #sharedDoku(): Promise<Child> {
    this.#doku ??= await this.startDoku()
    return this.#doku
  }

  #secrets(): Secrets {
    const { merchant, dokuPrivateKey } = this.#keys
    return { clientId: merchant.clientId, secretKey: merchant.secretKey, dokuPrivateKey }
  }
}
