import { EventEmitter } from 'node:events'

type Method = 'get' | 'set' | 'delete'

/** What a fault does instead of the method, or before it; `honestly` does what the method should. */
export type Fault = (honestly: () => unknown, key: string) => unknown

/** A store for Keyv that does what it should until a test gives it a fault. Shaped like an adapter: async, emits errors. */
export class FaultyStore extends EventEmitter {
  readonly data = new Map<string, unknown>()
  readonly faults: Partial<Record<Method, Fault>> = {}

  async get(key: string): Promise<unknown> {
    return this.#act('get', key, () => this.data.get(key))
  }

  async set(key: string, value: unknown): Promise<unknown> {
    return this.#act('set', key, () => {
      this.data.set(key, value)
      return true
    })
  }

  async delete(key: string): Promise<unknown> {
    return this.#act('delete', key, () => this.data.delete(key))
  }

  async clear(): Promise<void> {
    this.data.clear()
  }

  /** The same fault in each method. */
  breakWith(fault: Fault): this {
    Object.assign(this.faults, { get: fault, set: fault, delete: fault })
    return this
  }

  repair(): void {
    for (const method of ['get', 'set', 'delete'] as const) delete this.faults[method]
  }

  /** The key under which something about this record is kept. */
  nativeKey(part: string): string {
    const key = [...this.data.keys()].find((candidate) => candidate.includes(part))
    if (key === undefined) throw new Error(`nothing is kept about ${part}`)
    return key
  }

  #act(method: Method, key: string, honestly: () => unknown): unknown {
    const fault = this.faults[method]
    return fault ? fault(honestly, key) : honestly()
  }
}

export const failing: Fault = () => Promise.reject(new Error('connection refused'))
export const hanging: Fault = () => new Promise(() => {})

/** What @keyv/redis does: emits the error and resolves as if there were nothing. */
export function swallowing(store: FaultyStore): Fault {
  return () => {
    store.emit('error', new Error('connection lost'))
    return undefined
  }
}
