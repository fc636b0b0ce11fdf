import { linesOf, readJournal } from '../host/journal.ts'
import { type HostSetup, type KillPoint, killPoints, type Question } from '../host/messages.ts'
import { pick } from '../seeded.ts'
import { within } from '../wait.ts'
import type { Workshop } from '../workshop.ts'
import type { Front } from './front.ts'
import { HostProcess } from './host-process.ts'
import type { Timeline } from './timeline.ts'

/** Where a host died: at a named point by itself, or wherever it happened to be when it was killed from outside. */
export type Death = KillPoint | 'at random'

export interface FleetParts {
  readonly workshop: Workshop
  readonly main: string
  readonly front: Front
  readonly timeline: Timeline
  readonly setup: Omit<HostSetup, 'clockOffsetMs' | 'seed' | 'reconciles' | 'hookFailureRate'>
  readonly seed: string
  readonly random: () => number
}

const sides = 2
const sparesWanted = 4
const hookFailureRate = 0.05
/** A host that does not come to its point is killed all the same. */
const patienceMs = 3_000
/** From start to death at random. */
const shortestLifeMs = 20
const longestLifeMs = 500
/** A host dies the first to fifth time that it comes to its point. */
const timesAtMost = 5

const deaths: readonly Death[] = [...killPoints, 'at random', 'at random']

/** Two hosts at a time on one storage, and warm ones behind them that take the place of whoever is killed. */
export class Fleet {
  readonly #parts: FleetParts
  readonly #spares: HostProcess[] = []
  readonly #serving = new Set<HostProcess>()
  readonly #deck: Death[] = []
  #started = 0
  #killed = 0

  constructor(parts: FleetParts) {
    this.#parts = parts
    this.#refill()
  }

  /** Where each of the hosts that serve listens. */
  get urls(): string[] {
    return [...this.#serving].map(({ port }) => `http://127.0.0.1:${port}/ovo`)
  }

  get killed(): number {
    return this.#killed
  }

  /** Hosts that live until they are told to stop. */
  async open({ reconciles = false } = {}): Promise<void> {
    const quiet = { reconciles, hookFailureRate: 0 }
    await Promise.all(Array.from({ length: sides }, () => this.#start(quiet)))
  }

  /**
   * Kills hosts, one after the other on each side, until so many have died, some of them at each of these points. On a slow
   * machine few come to their point, so it goes on for up to three times as many.
   */
  async killUntil(kills: number, points: readonly KillPoint[], journal: string): Promise<void> {
    const isMissed = () => {
      const died = this.deathsIn(journal)
      return points.some((point) => !died.get(point))
    }
    const side = async () => {
      while (this.#killed < kills || (this.#killed < 3 * kills && isMissed())) await this.#liveAndDie()
    }
    await Promise.all(Array.from({ length: sides }, side))
  }

  /** What each of the hosts that serve answers. */
  ask(question: Question, deadlineMs?: number): Promise<number[]> {
    return Promise.all([...this.#serving].map((host) => host.ask(question, deadlineMs)))
  }

  /** Ends all that live, politely; resolves to how many did not come to an end by themselves. */
  async close(): Promise<number> {
    const serving = [...this.#serving]
    await this.ask('close')
    const ends = serving.map((host) => within('the end of a closed host', host.exited).catch(() => host.kill()))
    await Promise.all(ends)
    this.dismissSpares()
    return serving.filter((host) => host.exitCode !== 0).length
  }

  /** SIGKILL for all that serve. */
  async killAll(): Promise<void> {
    const serving = [...this.#serving]
    for (const host of serving) host.kill()
    await Promise.all(serving.map(({ exited }) => exited))
  }

  dismissSpares(): void {
    for (const host of this.#spares.splice(0)) host.kill()
  }

  /** How many died where, from what the dying wrote down: what is left died at random. */
  deathsIn(journal: string): Map<Death, number> {
    const counts = new Map<Death, number>(killPoints.map((point) => [point, 0]))
    const named = linesOf(readJournal(journal), 'killed')
    for (const { point } of named) counts.set(point, (counts.get(point) ?? 0) + 1)
    return counts.set('at random', this.#killed - named.length)
  }

  async #liveAndDie(): Promise<void> {
    const { random } = this.#parts
    const death = this.#drawDeath()
    const time = 1 + Math.floor(random() * timesAtMost)
    const chaos = { reconciles: true, hookFailureRate }
    const host = await this.#start(death === 'at random' ? chaos : { ...chaos, kill: { point: death, time } })
    const lifeMs = death === 'at random' ? shortestLifeMs + random() * (longestLifeMs - shortestLifeMs) : patienceMs
    const timer = setTimeout(() => host.kill(), lifeMs)
    const signal = await host.exited
    clearTimeout(timer)
    if (signal !== 'SIGKILL') throw new Error('a host came to an end that nobody had in mind for it')
    this.#killed += 1
  }

  async #start(plan: Pick<HostSetup, 'reconciles' | 'hookFailureRate' | 'kill'>): Promise<HostProcess> {
    const { setup, seed, timeline, front } = this.#parts
    const host = this.#takeSpare()
    const number = ++this.#started
    await host.serve(() => ({ ...setup, ...plan, clockOffsetMs: timeline.offsetMs, seed: `${seed}/host-${number}` }))
    const unfollow = timeline.follow((offsetMs) => host.setClock(offsetMs))
    this.#serving.add(host)
    if (host.isAlive) front.add(host.port)
    void host.exited.then(() => {
      front.remove(host.port)
      this.#serving.delete(host)
      unfollow()
    })
    return host
  }

  #takeSpare(): HostProcess {
    this.#refill()
    const host = this.#spares.shift()
    if (!host) throw new Error('there is no spare host')
    this.#refill()
    return host
  }

  #refill(): void {
    const { main, setup, workshop } = this.#parts
    while (this.#spares.length < sparesWanted) this.#spares.push(new HostProcess(main, setup.database.kind, workshop))
  }

  /** Every way to die comes once before any comes again. */
  #drawDeath(): Death {
    if (this.#deck.length === 0) this.#deck.push(...deaths)
    const death = pick(this.#parts.random, this.#deck)
    this.#deck.splice(this.#deck.indexOf(death), 1)
    return death
  }
}
