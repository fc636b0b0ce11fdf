import type { Simulator } from 'express-doku-ovo/simulator'
import type { Shelf } from './shelf.ts'

const name = 'simulator'

/** The state that the simulator had when it was last saved. */
export async function readMemory(shelf: Shelf): Promise<Uint8Array | undefined> {
  const text = await shelf.get(name)
  return text === undefined ? undefined : Buffer.from(text, 'base64')
}

/** Saves the simulator's state after every event. Several events at once cause one save, with the last state. */
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
    // The event comes before its consequences. Save after the current step, so that the state includes them.
    writing ??= Promise.resolve().then(write)
  })
  return {
    async finish() {
      stop()
      await writing
    },
  }
}
