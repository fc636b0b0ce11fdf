import { type Json, type Storage, StorageError, type Stored, type WriteOptions } from 'express-doku-ovo'

/** A storage that can be paused, as if the database restarted. */
export class PausableStorage implements Storage {
  isPaused = false
  readonly #storage: Storage

  constructor(storage: Storage) {
    this.#storage = storage
  }

  get scope(): Storage['scope'] {
    return this.#storage.scope
  }

  read(key: string): Promise<Stored | undefined> {
    return this.#ask((storage) => storage.read(key))
  }

  insert(key: string, value: Json, options?: WriteOptions): Promise<Stored | undefined> {
    return this.#ask((storage) => storage.insert(key, value, options))
  }

  update(key: string, value: Json, version: number, options?: WriteOptions): Promise<Stored | undefined> {
    return this.#ask((storage) => storage.update(key, value, version, options))
  }

  remove(key: string): Promise<void> {
    return this.#ask((storage) => storage.remove(key))
  }

  lease(now: number, leaseMs: number, limit: number): Promise<Stored[]> {
    return this.#ask((storage) => storage.lease(now, leaseMs, limit))
  }

  async close(): Promise<void> {
    await this.#storage.close?.()
  }

  async #ask<T>(question: (storage: Storage) => Promise<T>): Promise<T> {
    if (this.isPaused) throw new StorageError('the database is paused')
    return question(this.#storage)
  }
}
