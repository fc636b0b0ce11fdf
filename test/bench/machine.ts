import { readdirSync, readFileSync } from 'node:fs'

/** How Linux counts CPU time for everybody, on every architecture that Node runs on: in hundredths of a second. */
const ticksPerSecond = 100

/** Others that use more of the machine than that, in cores, disturb. */
const disturbedFromCores = 0.1

/** What the machine has done until now, in seconds of CPU. */
interface Work {
  /** By everybody. Without what interrupts cost: nobody knows for whom they came. */
  readonly everybody: number
  /** By this process and all that it has started. */
  readonly ours: number
  readonly atMs: number
}

/** Watches for others that use the machine while something is measured. Linux only: it reads `/proc`. */
export class Watch {
  readonly #begun = workUntilNow()

  /** Whether others have used next to nothing since the watch began. */
  isCalm(): boolean {
    const now = workUntilNow()
    const seconds = (now.atMs - this.#begun.atMs) / 1000
    const foreign = now.everybody - this.#begun.everybody - (now.ours - this.#begun.ours)
    return foreign / seconds < disturbedFromCores
  }
}

function workUntilNow(): Work {
  return { everybody: everybodysSeconds(), ours: oursSeconds(), atMs: performance.now() }
}

/** @see https://man7.org/linux/man-pages/man5/proc_stat.5.html */
function everybodysSeconds(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const [user = 0, nice = 0, system = 0, , , , , steal = 0] = line.split(/\s+/).slice(1).map(Number)
  return (user + nice + system + steal) / ticksPerSecond
}

interface Process {
  readonly id: number
  readonly parentId: number
  /** Its own, and that of its children that have ended. */
  readonly ticks: number
}

function oursSeconds(): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readProcess)
  const ids = new Set([process.pid])
  // A process has a higher id than its parent, unless ids have begun anew: so until there are no more.
  for (let before = 0; before < ids.size; ) {
    before = ids.size
    for (const { id, parentId } of processes) if (ids.has(parentId)) ids.add(id)
  }
  const ticks = processes.filter(({ id }) => ids.has(id)).reduce((sum, one) => sum + one.ticks, 0)
  return ticks / ticksPerSecond
}

/** Nothing when it has ended meanwhile. @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function readProcess(name: string): Process[] {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
    // The name of the program, in brackets, may have blanks and brackets in it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [parentId = 0, times] = [Number(fields[1]), fields.slice(11, 15).map(Number)]
    return [{ id: Number(name), parentId, ticks: times.reduce((sum, time) => sum + time, 0) }]
  } catch {
    return []
  }
}
