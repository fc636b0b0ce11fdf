/** Runs the tasks of one key one after the other, in order of arrival. Tasks of different keys do not wait for each other. */
export class KeyMutex {
  readonly #tails = new Map<string, Promise<void>>()

  /**
   * Settles like `task`. The next task starts when this one has resolved or rejected. A task that never settles blocks its
   * key forever, so each task needs a deadline. A task must not wait for its own key.
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
