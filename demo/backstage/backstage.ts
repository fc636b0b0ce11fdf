import express, { type Request, type RequestHandler, type Response, type Router } from 'express'
import type { HookEvent } from 'express-doku-ovo'
import type { FaultControls, Simulator } from 'express-doku-ovo/simulator'
import type { DemoClock } from './clock.ts'
import { Conversation } from './conversation.ts'
import { hearPlugin } from './hear-plugin.ts'
import { hearBrowser, hookEntry } from './hear-shop.ts'
import { Calls, hearSimulator } from './hear-simulator.ts'
import type { PausableStorage } from './pausable-storage.ts'

/** The parts that can be made to fail. Only if the simulator plays DOKU. */
export interface Stage {
  readonly simulator: Simulator
  readonly clock: DemoClock
  readonly storage: PausableStorage
  /** Handles everything that is due now. */
  readonly reconcile: () => Promise<unknown>
  /** Stores how far the clock was moved forward, in ms. */
  readonly keepClock: (skippedMs: number) => Promise<void>
}

const minuteMs = 60_000
const longestSkipMinutes = 24 * 60

/** The page behind the scenes. It shows every message, and lets a person make things fail. */
export class Backstage {
  readonly conversation: Conversation
  readonly #calls = new Calls()
  readonly #open = new Set<Response>()
  readonly #stop: (() => void)[] = []
  #stage: Stage | undefined
  #scenario: Scenario = 'none'
  #isHookBroken = false

  constructor(clock: () => number) {
    this.conversation = new Conversation(clock)
    this.#stop.push(hearPlugin(this.conversation, this.#calls))
    this.#stop.push(this.conversation.listen((entry) => this.#send('entry', entry)))
  }

  /** Allows faults from now on. */
  set(stage: Stage): void {
    this.#stage = stage
    this.#stop.push(hearSimulator(this.conversation, this.#calls, stage.simulator))
  }

  /** Called by the hooks of the shop. @throws Error while the hooks are set to fail */
  readonly told = (event: HookEvent): void => {
    this.conversation.add(hookEntry(event))
    if (this.#isHookBroken) throw new Error('this hook was set to fail, behind the scenes')
  }

  get hears(): RequestHandler {
    return hearBrowser(this.conversation)
  }

  routes(): Router {
    const routes = express.Router()
    routes.get('/events', (_req, res) => this.#stream(res))
    routes.use(express.json())
    routes.post('/clear', (_req, res) => {
      this.conversation.clear()
      this.#send('clear', {})
      res.status(204).end()
    })
    routes.post('/scenario', (req, res) => this.#change(req, res, chooseScenario))
    routes.post('/switch', (req, res) => this.#change(req, res, turnSwitch))
    routes.post('/clock', (req, res) => this.#change(req, res, skipTime))
    return routes
  }

  close(): void {
    for (const stop of this.#stop) stop()
    for (const response of this.#open) response.end()
  }

  async #change(req: Request, res: Response, change: Change): Promise<void> {
    const stage = this.#stage
    const next = stage && (await change(stage, req.body ?? {}))
    if (!next) return void res.status(400).json({ detail: 'This value is not possible.' })
    if (next.scenario) this.#scenario = next.scenario
    if (next.isHookBroken !== undefined) this.#isHookBroken = next.isHookBroken
    this.#send('state', this.#state())
    res.json(this.#state())
  }

  #state(): object {
    const { clock, storage } = this.#stage ?? {}
    return {
      canFail: this.#stage !== undefined,
      scenario: this.#scenario,
      database: storage?.isPaused ?? false,
      hook: this.#isHookBroken,
      skippedMinutes: Math.round((clock?.skippedMs ?? 0) / minuteMs),
    }
  }

  /** Sends server-sent events: first the state and all past entries, then each new entry. */
  #stream(res: Response): void {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    res.write(`retry: 1000\n${event('clear', {})}${event('state', this.#state())}`)
    res.write(this.conversation.entries.map((entry) => event('entry', entry)).join(''))
    this.#open.add(res)
    res.once('close', () => this.#open.delete(res))
  }

  #send(name: string, data: object): void {
    for (const response of this.#open) response.write(event(name, data))
  }
}

function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

interface Changed {
  readonly scenario?: Scenario
  readonly isHookBroken?: boolean
}

/** @returns undefined when the request makes no sense */
type Change = (stage: Stage, asked: Readonly<Record<string, unknown>>) => Promise<Changed | undefined>

/** In ms. Long enough for a person to see the failure, and shorter than "Skip 1 minute". */
const lateMs = 45_000

/** The failures of DOKU that a person can choose. One stays on until the next is chosen. Each sets faults of the simulator. */
const scenarios = {
  none: () => {},
  timeout: (faults) => {
    faults.always('payment', { kind: 'hang', carriesOut: true })
    faults.always('notification', { kind: 'lost' })
  },
  lost: (faults) => faults.always('notification', { kind: 'lost' }),
  duplicate: (faults) => faults.always('notification', { kind: 'duplicated', times: 3 }),
  late: (faults) => faults.always('payment', { kind: 'fails-first', ms: lateMs }),
  down: (faults) => faults.always('payment', { kind: 'http-error', status: 503, body: 'html' }),
} as const satisfies Record<string, (faults: FaultControls) => void>

type Scenario = keyof typeof scenarios

const isScenario = (name: unknown): name is Scenario => typeof name === 'string' && Object.hasOwn(scenarios, name)

const chooseScenario: Change = async ({ simulator }, { scenario }) => {
  if (!isScenario(scenario)) return undefined
  simulator.faults.clear()
  scenarios[scenario](simulator.faults)
  return { scenario }
}

const turnSwitch: Change = async ({ storage }, { name, isOn }) => {
  if (typeof isOn !== 'boolean') return undefined
  if (name === 'database') storage.isPaused = isOn
  if (name === 'hook') return { isHookBroken: isOn }
  return name === 'database' ? {} : undefined
}

/** Handles everything that is due by then, before it answers. With a paused database that work waits. */
const skipTime: Change = async ({ clock, keepClock, reconcile }, { minutes }) => {
  if (!Number.isInteger(minutes) || Number(minutes) < 1 || Number(minutes) > longestSkipMinutes) return undefined
  clock.skip(Number(minutes) * minuteMs)
  await keepClock(clock.skippedMs)
  await reconcile().catch(() => {})
  return {}
}
