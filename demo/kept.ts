import type { Shelf } from './shelf.ts'

/**
 * A value in memory that is written to the shelf after every change. Writes run one after the other, so that the last write
 * has the last state. This is correct for one process only. A shop with several processes needs its database for that.
 */
export class Kept<T> {
  value: T
  readonly #shelf: Shelf
  readonly #name: string
  #writing: Promise<void> = Promise.resolve()

  private constructor(shelf: Shelf, name: string, value: T) {
    this.#shelf = shelf
    this.#name = name
    this.value = value
  }

  static async load<T>(shelf: Shelf, name: string, initial: T): Promise<Kept<T>> {
    const text = await shelf.get(name)
    return new Kept(shelf, name, text === undefined ? initial : JSON.parse(text))
  }

  /** Resolves when the change is on the shelf. */
  change(next: T): Promise<void> {
    this.value = next
    const text = JSON.stringify(next)
    const write = () => this.#shelf.put(this.#name, text)
    this.#writing = this.#writing.then(write, write)
    return this.#writing
  }
}
