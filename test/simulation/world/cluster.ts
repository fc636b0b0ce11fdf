import type { HttpAnswer, HttpRequest } from '../../../lib/doku/transport.ts'
import type { FindOrder } from '../../../lib/flows/payment.ts'
import type { Stage } from '../engine/stage.ts'
import { type Mutation, untouched } from '../mutations.ts'
import type { Disk } from './disk.ts'
import type { Host } from './host.ts'
import { Life } from './life.ts'
import { type Process, startProcess } from './process.ts'
import { storagePort } from './storage-port.ts'
import { Ticker } from './ticker.ts'
import { transportPort } from './transport-port.ts'

export interface ClusterParts {
  readonly stage: Stage
  readonly disk: Disk
  readonly host: Host
  readonly handle: (request: HttpRequest) => HttpAnswer
  readonly findOrder: FindOrder
  readonly mutation?: Mutation | undefined
}

const size = 2
const longestRestartMs = 30_000

/** The processes on one storage. One that has crashed is replaced after a while by one that remembers nothing. */
export class Cluster {
  readonly #parts: ClusterParts
  readonly #running = new Map<Process, Ticker>()
  #started = 0

  constructor(parts: ClusterParts) {
    this.#parts = parts
    parts.disk.watch((_before, { dueAt }) => {
      if (dueAt !== undefined) for (const ticker of this.#running.values()) ticker.arm(dueAt)
    })
    for (let count = 0; count < size; count++) this.#start()
  }

  /** Where a load balancer would send a request now; `undefined` when all are down. */
  pick(): Process | undefined {
    const all = [...this.#running.keys()]
    return all[this.#parts.stage.random.between(0, all.length - 1)]
  }

  #start(): void {
    const { stage, disk } = this.#parts
    const process = this.#create(new Life(`P${++this.#started}`, stage))
    const ticker = new Ticker(stage, disk, process)
    this.#running.set(process, ticker)
    ticker.arm(disk.earliestDueAt())
    process.life.whenDead(() => {
      this.#running.delete(process)
      stage.scheduler.after(stage.random.stretch(longestRestartMs), () => this.#start())
    })
  }

  #create(life: Life): Process {
    const { stage, disk, host, handle, findOrder, mutation = untouched } = this.#parts
    const storage = mutation.storage(storagePort(stage, disk, life))
    const transport = mutation.transport(transportPort(stage, handle, life))
    const random = stage.random.fork()
    const hooks = host.hooksFor(life)
    return { life, ...startProcess({ life, storage, transport, hooks, findOrder, random: () => random.next() }) }
  }
}
