import { setTimeout as sleepFor } from 'node:timers/promises'

const askAgainAfterMs = 10

export const pause = (ms: number): Promise<void> => sleepFor(ms)

/** Resolves as soon as it holds. It is about other processes, so it is asked again and again; rejects at the deadline. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, deadlineMs = 30_000): Promise<void> {
  const deadline = Date.now() + deadlineMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`)
    await pause(askAgainAfterMs)
  }
}

/** The promise's own outcome, or a rejection at the deadline. */
export async function within<T>(what: string, promise: Promise<T>, deadlineMs = 30_000): Promise<T> {
  const controller = new AbortController()
  const late = sleepFor(deadlineMs, undefined, { signal: controller.signal }).then(() => {
    throw new Error(`waited ${deadlineMs} ms in vain: ${what}`)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    controller.abort()
    late.catch(() => {})
  }
}
