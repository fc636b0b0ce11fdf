/** Runs tasks of one key one after the other, in the order in which they came; tasks of different keys do not wait. */
export class KeyMutex {
  readonly #tails = new Map<string, Promise<void>>()

  /**
   * The outcome of `task`. The next one starts when it has settled, whatever the outcome; a task that never settles
   * blocks its key for ever, so bound what the task waits for. A task must not wait for its own key.
   */
  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const turn = (this.#tails.get(key) ?? Promise.resolve()).then(task)
    const tail = turn.then(ignore, ignore).then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
    })
    this.#tails.set(key, tail)
    return turn
  }
}

function ignore(): void {}
