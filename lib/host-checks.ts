import type { Settings } from './options.ts'
import { BoundedMap } from './primitives/bounded-map.ts'
import type { Warnings } from './warnings.ts'

/** What can be seen of the options alone. */
export function checkSettings({ environment, storage, publicUrl }: Settings, warnings: Warnings): void {
  if (environment !== 'production') return
  if (storage.scope === 'process') warnings.raise('STORAGE_PROCESS_SCOPE')
  if (publicUrl.startsWith('http:')) warnings.raise('PUBLIC_URL_INSECURE')
}

interface Burst {
  readonly since: number
  readonly count: number
}

/** A restart, or a test, makes a few; a request handler that makes one each time soon makes more. */
const instancesAtMost = 5
const burstMs = 10_000

/** Notices one merchant's router being made again and again. Each has a pool of connections and timers of its own. */
export class InstanceWatch {
  readonly #bursts = new BoundedMap<Burst>(1000)

  /** Notes one more. `true`: it is one too many; said once per burst. */
  add(clientId: string, now: number): boolean {
    const last = this.#bursts.get(clientId)
    const goesOn = last !== undefined && now >= last.since && now < last.since + burstMs
    const burst = goesOn ? { since: last.since, count: last.count + 1 } : { since: now, count: 1 }
    this.#bursts.set(clientId, burst)
    return burst.count === instancesAtMost + 1
  }
}
