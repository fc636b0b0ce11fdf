export interface Task {
  readonly at: number
  /** Decides among tasks of the same time. */
  readonly priority: number
  readonly run: () => void
}

const isBefore = (one: Task, other: Task) => one.at < other.at || (one.at === other.at && one.priority < other.priority)

/** A binary heap: the earliest task first. */
export class Heap {
  readonly #tasks: Task[] = []

  get size(): number {
    return this.#tasks.length
  }

  push(task: Task): void {
    const tasks = this.#tasks
    let position = tasks.length
    tasks.push(task)
    while (position > 0) {
      const above = (position - 1) >> 1
      const parent = tasks[above]
      if (!parent || !isBefore(task, parent)) break
      tasks[position] = parent
      position = above
    }
    tasks[position] = task
  }

  pop(): Task | undefined {
    const [first] = this.#tasks
    const last = this.#tasks.pop()
    if (last && this.#tasks.length > 0) this.#sink(last)
    return first
  }

  #sink(task: Task): void {
    const tasks = this.#tasks
    let position = 0
    for (;;) {
      const left = tasks[2 * position + 1]
      const right = tasks[2 * position + 2]
      const isRight = left !== undefined && right !== undefined && isBefore(right, left)
      const below = isRight ? right : left
      if (!below || !isBefore(below, task)) break
      tasks[position] = below
      position = 2 * position + (isRight ? 2 : 1)
    }
    tasks[position] = task
  }
}
