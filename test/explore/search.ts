import type { Mutation } from '../simulation/mutations.ts'
import { finish, open, prepare, type Scenario } from './situations.ts'
import { type Choice, type Fate, letters, type World } from './world.ts'

export interface Exploration {
  /** The schedules that were played, most of them up to a state that was known already. */
  runs: number
  /** The different states in which a process could go on. */
  states: number
  /** The different ends. */
  ends: number
  /** The end was not reached: the bound on schedules was. All schedules with fewer preemptions than this were played. */
  cutAt?: number
  failure?: { readonly violations: readonly string[]; readonly schedule: string; readonly steps: readonly string[] }
}

/** The beginning of a schedule, and the processes whose next step was explored elsewhere. One bit for each. */
interface Branch {
  readonly path: readonly Choice[]
  readonly sleep: number
}

const bit = (agent: number) => 1 << agent

/**
 * Plays every schedule of two processes: depth first, each from the start, because a process cannot be copied. Two
 * reductions leave no behaviour out. Sleep sets: of two independent steps only one order is played. States: processes are
 * deterministic, so what they were answered names their memory; a state that was explored is not explored again. Schedules
 * with few preemptions come first.
 * @param isReduced false plays all of them, to show that the reductions lose no end
 */
export async function explore(
  scenario: Scenario,
  most: number,
  { mutation, isReduced = true }: { readonly mutation?: Mutation; readonly isReduced?: boolean } = {},
): Promise<Exploration> {
  const snapshot = await prepare(scenario)
  const visited = new Map<string, number>()
  const ends = new Set<string>()
  /** By the number of preemptions. */
  const waiting: Branch[][] = [[{ path: [], sleep: 0 }]]
  const result: Exploration = { runs: 0, states: 0, ends: 0 }

  /** Plays on from a branch to its end, and leaves the other branches for later. */
  async function play(world: World, branch: Branch, preemptions: number): Promise<void> {
    let { sleep } = branch
    const path = [...branch.path]
    for (const choice of path) await world.take(choice)
    while (world.oracle.violations.length === 0) {
      const ready = world.ready()
      if (ready.length === 0) return end(world)
      const [only] = ready
      if (ready.length === 1 && only !== undefined && sleep === 0 && world.fatesOf(only).length === 1) {
        path.push({ agent: only, fate: 'works' })
        await world.take({ agent: only, fate: 'works' })
        continue
      }
      const name = world.nameOf(true)
      const known = isReduced ? visited.get(name) : undefined
      if (known !== undefined && (known & ~sleep) === 0) return
      const open = ready.filter((agent) =>
        known === undefined ? (sleep & bit(agent)) === 0 : (known & ~sleep & bit(agent)) !== 0,
      )
      sleep &= known ?? sleep
      visited.set(name, sleep)
      const previous = path.at(-1)?.agent
      const isPreemption = (agent: number) => previous !== undefined && agent !== previous && ready.includes(previous)
      const branches: (Branch & { readonly choice: Choice })[] = []
      for (const agent of open.sort((one, other) => Number(isPreemption(one)) - Number(isPreemption(other)))) {
        const asleep = ready.filter(
          (one) => one !== agent && (sleep & bit(one)) !== 0 && world.isIndependent(agent, one),
        )
        const next = asleep.reduce((mask, one) => mask | bit(one), 0)
        for (const fate of world.fatesOf(agent)) {
          branches.push({ path: [...path, { agent, fate }], sleep: next, choice: { agent, fate } })
        }
        if (isReduced) sleep |= bit(agent)
      }
      const [first, ...others] = branches
      const costOf = ({ choice }: { choice: Choice }) => preemptions + Number(isPreemption(choice.agent))
      const goesOn = first && costOf(first) === preemptions
      for (const other of goesOn ? others : branches) {
        const cost = costOf(other)
        waiting[cost] ??= []
        waiting[cost].push(other)
      }
      if (!goesOn) return
      path.push(first.choice)
      sleep = first.sleep
      await world.take(first.choice)
    }
  }

  async function end(world: World): Promise<void> {
    const name = world.nameOf(false)
    if (ends.has(name)) return
    ends.add(name)
    await finish(world)
  }

  for (
    let cost = waiting.findIndex((branches) => branches.length > 0);
    cost >= 0;
    cost = waiting.findIndex((one) => one.length > 0)
  ) {
    if (result.runs >= most) {
      result.cutAt = cost
      break
    }
    const branch = waiting[cost]?.pop() as Branch
    result.runs++
    const world = await open(scenario, snapshot, mutation)
    await play(world, branch, cost)
    world.close()
    const { violations } = world.oracle
    if (violations.length === 0) continue
    result.failure = { violations, schedule: world.schedule, steps: world.trace }
    break
  }
  return { ...result, states: visited.size, ends: ends.size }
}

/** Plays one schedule, as a failing exploration names it: the numbers of the processes. */
export async function replay(scenario: Scenario, schedule: string, mutation?: Mutation): Promise<World> {
  const world = await open(scenario, await prepare(scenario), mutation)
  for (const [, agent, fate] of schedule.matchAll(/(\d)([†!]?)/g)) {
    const found = Object.entries(letters).find(([, letter]) => letter === fate)?.[0] as Fate
    await world.take({ agent: Number(agent) - 1, fate: found })
  }
  if (world.ready().length === 0 && world.oracle.violations.length === 0) await finish(world)
  world.close()
  return world
}
