import type { Storage } from 'express-doku-ovo'

type Method = 'read' | 'insert' | 'update' | 'remove' | 'lease'

/** A call of a storage, with what it was given. */
export type StorageCall = {
  readonly [M in Method]: { readonly method: M; readonly args: Parameters<Storage[M]> }
}[Method]

export interface Decoration {
  /** Runs before the call; the caller gets what it throws. */
  before?(call: StorageCall): unknown
  /** Runs after a call that did not reject, with its result. */
  after?(call: StorageCall, result: unknown): unknown
}

/** The same storage, with something done before and after its calls. */
export function decorate(storage: Storage, { before, after }: Decoration = {}): Storage {
  const around = <M extends Method>(method: M) => {
    const call = storage[method].bind(storage) as (...args: Parameters<Storage[M]>) => ReturnType<Storage[M]>
    return (async (...args: Parameters<Storage[M]>) => {
      const told = { method, args } as unknown as StorageCall
      if (before) await before(told)
      const result = await call(...args)
      if (after) await after(told, result)
      return result
    }) as unknown as Storage[M]
  }
  return {
    scope: storage.scope,
    read: around('read'),
    insert: around('insert'),
    update: around('update'),
    remove: around('remove'),
    lease: around('lease'),
    ...(storage.close && { close: storage.close.bind(storage) }),
  }
}

/** Whether the call writes a value: `insert` or `update`. */
export function isWrite(call: StorageCall): call is Extract<StorageCall, { method: 'insert' | 'update' }> {
  return call.method === 'insert' || call.method === 'update'
}
