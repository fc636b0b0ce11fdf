import type { Stored } from './storage.ts'

/** What was just written as this text. Whoever writes knows the value, so it is only parsed when somebody looks; each time anew. */
export function written(key: string, text: string, version: number): Stored {
  return {
    key,
    version,
    get value() {
      return JSON.parse(text)
    },
  }
}
