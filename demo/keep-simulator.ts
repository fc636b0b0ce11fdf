import type { Simulator } from 'express-doku-ovo/simulator'
import type { Shelf } from './shelf.ts'

const name = 'simulator'

/** What the simulator knew when it was last kept. */
export async function readMemory(shelf: Shelf): Promise<Uint8Array | undefined> {
  const text = await shelf.get(name)
  return text === undefined ? undefined : Buffer.from(text, 'base64')
}

/** Keeps what the simulator knows whenever something has happened there; of many things at once, the last state. */
export function keepSimulator(simulator: Simulator, shelf: Shelf): { finish(): Promise<void> } {
  let isDirty = false
  let writing: Promise<void> | undefined
  const write = async () => {
    while (isDirty) {
      isDirty = false
      await shelf.put(name, Buffer.from(simulator.save()).toString('base64'))
    }
    writing = undefined
  }
  const stop = simulator.observe(() => {
    isDirty = true
    // The event is told in the middle of things: what it leads to belongs to it.
    writing ??= Promise.resolve().then(write)
  })
  return {
    async finish() {
      stop()
      await writing
    },
  }
}
