import type { Shelf } from './shelf.ts'

/**
 * A value in memory that is written to the shelf after every change. Writes follow one another: the last one is the last
 * state. Right for one process; a shop with several has a database to say who was first.
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
