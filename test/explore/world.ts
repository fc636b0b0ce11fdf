import { createHash, hash } from 'node:crypto'
import { type HttpRequest, type Transport, TransportError } from '../../lib/doku/transport.ts'
import { StorageError } from '../../lib/errors.ts'
import type { WithOutbox } from '../../lib/flows/outbox/outbox-state.ts'
import type { HookEvent, Hooks } from '../../lib/model/events.ts'
import type { Json } from '../../lib/primitives/json.ts'
import type { Storage, Stored } from '../../lib/storage/storage.ts'
import { keys } from '../simulation/checks/records.ts'
import { type Mutation, untouched } from '../simulation/mutations.ts'
import { Disk, type Written } from '../simulation/world/disk.ts'
import { type Flows, startProcess } from '../simulation/world/process.ts'
import { Doku, type DokuState } from './doku.ts'
import { Oracle } from './oracle.ts'

/** `dies`: the step is done, and its process does nothing more. `lost`: the step is done, and its process is told that it failed. */
export type Fate = 'works' | 'dies' | 'lost'

export const letters: Readonly<Record<Fate, string>> = { works: '', dies: '†', lost: '!' }

export interface Choice {
  readonly agent: number
  readonly fate: Fate
}

interface Touch {
  readonly key: string
  readonly isWrite: boolean
}

/** One call of a process to the storage, to DOKU or to a hook. It waits until the explorer releases it. */
interface Step {
  readonly label: string
  readonly touches: readonly Touch[]
  /** Nobody else can notice when it is taken. */
  readonly isLocal?: boolean
  readonly isEnabled?: () => boolean
  readonly act: () => unknown
  /** The error if the answer is lost; a step without one changes nothing, so losing its answer is no case of its own. */
  readonly lost?: () => Error
  /** The answer as the process sees it. */
  readonly shown?: (answer: never) => string
}

interface Waiting extends Step {
  readonly resolve: (answer: never) => void
  readonly reject: (error: Error) => void
}

export const minuteMs = 60_000
/** Every schedule begins at this time. */
export const startsAt = Date.UTC(2026, 0, 2, 3, 4, 5)
const merchantOnly = [keys.accessToken, keys.referenceKey]
const stepsAtMost = 300

/** One process: its flows, and its calls that wait. They are released in the order in which it made them. */
export class Agent {
  readonly name: string
  readonly flows: Flows
  readonly waiting: Waiting[] = []
  clock: number
  isDead = false
  /** It was begun, and it has not settled. */
  isBusy = false
  readonly #learned = createHash('sha1')
  readonly #isFree: boolean
  #bytes = 0

  constructor(world: World, name: string, clock: number, isFree: boolean) {
    this.name = name
    this.clock = clock
    this.#isFree = isFree
    const life = { name, clock: () => this.clock, after: (_ms: number, run: () => void) => this.#sleep(run) }
    this.flows = startProcess({
      life,
      storage: world.mutation.storage(storagePort(world, this)),
      transport: world.mutation.transport(transportPort(world, this)),
      hooks: hooksOf(world, this),
      findOrder: async (orderId) => ({ orderId, amount: '10000.00' }),
      random: () => 0.5,
      randomBytes: (size) => hash('sha512', `${name} ${++this.#bytes}`, 'buffer').subarray(0, size),
      releaseAfterMs: 30 * minuteMs,
    })
  }

  /** Hands a step to the explorer. The process of a set-up takes its steps itself. */
  call<T>(step: Step): Promise<T> {
    if (this.isDead) return Promise.reject(new Error('the process has died'))
    if (this.#isFree) return Promise.resolve().then(step.act) as Promise<T>
    return new Promise((resolve, reject) => this.waiting.push({ ...step, resolve, reject }))
  }

  learn(text: string): void {
    this.#learned.update(`${text}\n`)
  }

  /** Names everything that the process has learned, and so all its memory: processes are deterministic. */
  get memory(): string {
    return this.#learned.copy().digest('base64')
  }

  /** Its calls fail, so that no timer stays behind. Nothing that it does then reaches the world. */
  die(): void {
    this.isDead = true
    for (const { reject } of this.waiting.splice(0)) reject(new Error('the process has died'))
  }

  #sleep(run: () => void): void {
    this.call({ label: 'waits', touches: [], isLocal: true, act: run }).catch(() => undefined)
  }
}

/** The world before the two processes begin. */
export interface Snapshot {
  readonly contents: ReadonlyMap<string, Written>
  readonly doku: DokuState
  readonly told: readonly HookEvent[]
}

/** One storage, one DOKU, one host, and the processes. */
export class World {
  readonly disk = new Disk({ scheduler: { clock: () => startsAt } })
  readonly doku: Doku
  readonly oracle: Oracle
  readonly agents: Agent[] = []
  readonly mutation: Mutation
  /** The steps that were taken, and the choices between them as a text to replay. */
  readonly trace: string[] = []
  schedule = ''
  /** So often each record was written. The storage's own versions count the writes of all records. */
  readonly writes = new Map<string, number>()
  /** The outboxes name themselves at random; these are the names of their processes. */
  readonly outboxes = new Map<string, string>()
  faults = 0

  constructor(snapshot: Snapshot | undefined, mutation: Mutation = untouched) {
    this.mutation = mutation
    this.doku = new Doku(snapshot?.doku)
    for (const { key, value, dueAt } of snapshot?.contents.values() ?? []) {
      void this.disk.insert(key, value, dueAt === undefined ? {} : { dueAt })
    }
    this.oracle = new Oracle(this.disk, this.doku, snapshot?.told ?? [])
  }

  /** @param isFree it runs by itself: for the time before and after the schedule */
  start(name: string, clock: number, isFree = false): Agent {
    const agent = new Agent(this, name, clock, isFree)
    if (!isFree) this.agents.push(agent)
    return agent
  }

  /** Begins what the process is to do, as its first step. */
  begin(
    agent: Agent,
    first: Pick<Step, 'label' | 'touches' | 'isEnabled' | 'act'>,
    work: () => Promise<unknown>,
  ): void {
    agent.isBusy = true
    agent
      .call(first)
      .then(work)
      .then(
        (result) => agent.isDead || this.oracle.answered(first.label, result),
        (error) => agent.isDead || this.oracle.failed(first.label, error),
      )
      .finally(() => {
        agent.isBusy = false
      })
  }

  head(index: number): Step | undefined {
    const step = this.agents[index]?.waiting[0]
    return step && (step.isEnabled?.() ?? true) ? step : undefined
  }

  /** The processes that can go on. */
  ready(): number[] {
    return this.agents.flatMap((_agent, index) => (this.head(index) ? [index] : []))
  }

  fatesOf(index: number): Fate[] {
    return this.faults === 0 && this.head(index)?.lost ? ['works', 'dies', 'lost'] : ['works']
  }

  isIndependent(one: number, other: number): boolean {
    const touched = this.head(other)?.touches ?? []
    const clash = (a: Touch, b: Touch) =>
      (a.isWrite || b.isWrite) && (a.key === b.key || a.key === '*' || b.key === '*')
    const isStorage = ({ key }: Touch) => key !== 'doku' && key !== 'hook'
    return !this.head(one)?.touches.some((a) => touched.some((b) => isStorage(a) === isStorage(b) && clash(a, b)))
  }

  /** Takes a step, and all that follows from it alone. */
  async take({ agent: index, fate }: Choice): Promise<void> {
    const agent = this.agents[index] as Agent
    this.schedule += `${index + 1}${letters[fate]}`
    await this.#take(agent, fate)
    await this.settle()
  }

  async #take(agent: Agent, fate: Fate): Promise<void> {
    const step = agent.waiting.shift() as Waiting
    if (this.trace.push(`${agent.name} ${step.label}${fate === 'works' ? '' : `, ${fate}`}`) > stepsAtMost) {
      this.oracle.violate(`there is no end after ${stepsAtMost} steps`)
      agent.die()
    }
    if (fate !== 'works') this.faults++
    try {
      const answer = (await step.act()) as never
      if (fate === 'lost' && step.lost) throw step.lost()
      agent.learn(`${step.label} ${step.shown?.(answer) ?? ''}`)
      if (fate === 'dies') agent.die()
      step.resolve(answer)
    } catch (error) {
      agent.learn(`${step.label} ${error}`)
      step.reject(error as Error)
    }
  }

  /** Resolves when each process waits for the explorer, or has nothing more to do. */
  async settle(): Promise<void> {
    for (;;) {
      // Nothing here waits for the machine: after one turn of the event loop every promise that can settle has settled.
      await new Promise(setImmediate)
      const next = this.agents.find(({ waiting }) => waiting[0]?.isLocal)
      if (!next) return
      await this.#take(next, 'works')
    }
  }

  /** Processes that wait for nothing, and have not finished: then the explorer would have missed a call. */
  stuck(): string[] {
    return this.agents
      .filter(({ isBusy, isDead, waiting }) => isBusy && !isDead && waiting.length === 0)
      .map(({ name }) => name)
  }

  /** Ends what is left of the processes. */
  close(): void {
    for (const agent of this.agents) agent.die()
  }

  /** Two worlds with the same name go on alike. Without the processes: two worlds in which the same has happened. */
  nameOf(withProcesses: boolean): string {
    const { payments, links, said } = this.doku.state
    const records = [...this.disk.contents.values()].sort((one, other) => (one.key < other.key ? -1 : 1))
    const told = this.oracle.told.map(({ id, type }) => [id, type])
    const memory = withProcesses ? this.agents.map(({ memory, isDead }) => [memory, isDead]) : []
    const facts = [records, payments, links, said.map((one) => JSON.stringify(one)).sort(), told, this.faults, memory]
    return hash('sha1', this.named(JSON.stringify(facts)), 'base64')
  }

  named(text: string): string {
    let named = text
    for (const [id, name] of this.outboxes) named = named.replaceAll(id, name)
    return named
  }
}

const show = (key: string) =>
  key.slice(key.indexOf('/') + 1).replace(/(?<=^order\/)\w+/, (digest) => digest.slice(0, 4))

function storagePort(world: World, agent: Agent): Storage {
  const { disk, writes, outboxes } = world
  const lost = () => new StorageError('the answer was lost')
  const shown = (stored: Stored | undefined) =>
    stored ? `${writes.get(stored.key) ?? 0} ${world.named(JSON.stringify(stored.value))}` : '-'
  const isLocal = (key: string) => merchantOnly.includes(key)

  async function write(key: string, value: Json, act: () => Promise<Stored | undefined>): Promise<Stored | undefined> {
    if (isLocal(key)) throw new Error(`${key} is written: steps that read it are not independent`)
    const stored = await act()
    if (!stored) return undefined
    writes.set(key, (writes.get(key) ?? 0) + 1)
    const { claimedBy } = (value as WithOutbox).outbox ?? {}
    if (claimedBy && !outboxes.has(claimedBy)) outboxes.set(claimedBy, agent.name)
    return stored
  }

  const writing = (verb: string, key: string, value: Json, act: () => Promise<Stored | undefined>) =>
    agent.call<Stored | undefined>({
      label: `${verb} ${show(key)}`,
      touches: [{ key, isWrite: true }],
      act: () => write(key, value, act),
      lost,
      shown,
    })
  return {
    scope: 'process',
    read: (key) =>
      agent.call({
        label: `reads ${show(key)}`,
        touches: [{ key, isWrite: false }],
        isLocal: isLocal(key),
        act: () => disk.read(key),
        shown,
      }),
    insert: (key, value, options) => writing('inserts', key, value, () => disk.insert(key, value, options)),
    update: (key, value, version, options) =>
      writing('updates', key, value, () => disk.update(key, value, version, options)),
    remove: (key) =>
      agent.call({
        label: `removes ${show(key)}`,
        touches: [{ key, isWrite: true }],
        act: () => disk.remove(key),
        lost,
      }),
    lease: (now, leaseMs, limit) =>
      agent.call({
        label: 'leases',
        touches: [{ key: '*', isWrite: true }],
        act: () => disk.lease(now, leaseMs, limit),
        lost,
        shown: (leased: Stored[]) => leased.map(shown).join(),
      }),
  }
}

function transportPort({ doku }: World, agent: Agent): Transport {
  const readOnly = ['status', 'customerToken']
  const post = (request: HttpRequest) => {
    const operation = doku.operationOf(request)
    return agent.call<Awaited<ReturnType<Transport['post']>>>({
      label: `calls ${operation}`,
      touches: [{ key: 'doku', isWrite: !readOnly.includes(operation) }],
      act: () => {
        if (request.mayStart?.() === false) throw new TransportError('not-sent', 'too late')
        return doku.handle(request, agent.clock)
      },
      lost: () => new TransportError('unknown', 'the answer was lost'),
      shown: (answer) => JSON.stringify(answer),
    })
  }
  return { post, close: async () => {} }
}

/** A hook that does its work. If its answer is lost, the host threw after that. */
function hooksOf({ oracle }: World, agent: Agent): Hooks {
  const hook = (event: HookEvent) =>
    agent.call({
      label: `is told ${event.type}`,
      touches: [
        { key: 'hook', isWrite: true },
        { key: 'doku', isWrite: false },
      ],
      act: () => oracle.tell(event),
      lost: () => new Error('the hook threw after its work'),
    })
  return {
    paymentChanged: hook,
    refundChanged: hook,
    bindingChanged: hook,
    orderPaidTwice: hook,
    notificationUnmatched: hook,
  }
}
