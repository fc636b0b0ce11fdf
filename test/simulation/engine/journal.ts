export type Figures = Record<string, number>

/** What is remembered of a schedule: figures, what was found wrong, and, when it is replayed, every step. */
export class Journal {
  readonly figures: Figures = {}
  readonly violations: string[] = []
  readonly lines: string[] | undefined
  readonly #names = new Map<string, string>()
  readonly #clock: () => number
  readonly #startedAt: number

  constructor(clock: () => number, isTraced: boolean) {
    this.#clock = clock
    this.#startedAt = clock()
    this.lines = isTraced ? [] : undefined
  }

  count(name: string, by = 1): void {
    this.figures[name] = (this.figures[name] ?? 0) + by
  }

  /** Costs nothing unless the schedule is traced. */
  tell(text: () => string): void {
    this.lines?.push(`${this.#time()} ${text()}`)
  }

  violate(text: string): void {
    this.violations.push(`${this.#time()} ${text}`)
    this.lines?.push(`${this.#time()} !!! ${text}`)
  }

  /** A name that is the same in every replay, for an id that is random. */
  name(id: string, kind: string): string {
    const known = this.#names.get(id)
    if (known !== undefined) return known
    const name = `${kind}${this.#names.size + 1}`
    this.#names.set(id, name)
    return name
  }

  #time(): string {
    return `${((this.#clock() - this.#startedAt) / 1000).toFixed(3)}s`.padStart(14)
  }
}
