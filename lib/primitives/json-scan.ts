export interface JsonLimits {
  /** How many objects and arrays may be open at once. */
  readonly maxDepth: number
  /** How many keys all objects together may have. */
  readonly maxKeys: number
}

export interface JsonProblem {
  readonly reason: 'syntax' | 'duplicate-key' | 'too-deep' | 'too-many-keys' | 'forbidden-key'
  /** The place as a JSON pointer (RFC 6901), for example `/amount/value`. It contains keys that the sender chose. */
  readonly path?: string
}

/** An object or array that is still open. */
interface Frame {
  /** The keys seen so far; `undefined` for an array. */
  readonly keys: Set<string> | undefined
  /** Whether the next string is a key. Always false in an array. */
  expectsKey: boolean
  /** The key or index of the member being read. */
  at: string | number
}

/**
 * Finds, in one pass, problems that `JSON.parse` would silently accept. It does not check the grammar: it reads every
 * valid text correctly, and the caller gives the text to `JSON.parse` next, which refuses an invalid one.
 */
export function scanJson(text: string, limits: JsonLimits): JsonProblem | undefined {
  return new Scanner(text, limits).run()
}

class Scanner {
  readonly #text: string
  readonly #limits: JsonLimits
  readonly #frames: Frame[] = []
  #top: Frame | undefined
  #keys = 0

  constructor(text: string, limits: JsonLimits) {
    this.#text = text
    this.#limits = limits
  }

  run(): JsonProblem | undefined {
    for (let index = 0; index < this.#text.length; index++) {
      const char = this.#text[index]
      if (char === '"') {
        const end = endOfString(this.#text, index)
        if (end === -1) return { reason: 'syntax' }
        const problem = this.#top?.expectsKey ? this.#readKey(this.#text.slice(index, end + 1)) : undefined
        if (problem) return problem
        index = end
      } else if (char === '{' || char === '[') {
        if (this.#frames.length >= this.#limits.maxDepth) return { reason: 'too-deep', path: this.#path() }
        this.#open(char === '{')
      } else if (char === '}' || char === ']') this.#close()
      else if (char === ',') this.#nextMember()
    }
    return undefined
  }

  #open(isObject: boolean): void {
    this.#top = { keys: isObject ? new Set() : undefined, expectsKey: isObject, at: isObject ? '' : 0 }
    this.#frames.push(this.#top)
  }

  #close(): void {
    this.#frames.pop()
    this.#top = this.#frames.at(-1)
  }

  #nextMember(): void {
    if (this.#top?.keys) this.#top.expectsKey = true
    else if (typeof this.#top?.at === 'number') this.#top.at++
  }

  #readKey(literal: string): JsonProblem | undefined {
    const key = readKeyText(literal)
    const keys = this.#top?.keys
    if (key === undefined || !this.#top || !keys) return { reason: 'syntax' }
    this.#top.expectsKey = false
    this.#top.at = key
    if (key === '__proto__') return { reason: 'forbidden-key', path: this.#path() }
    if (keys.has(key)) return { reason: 'duplicate-key', path: this.#path() }
    if (++this.#keys > this.#limits.maxKeys) return { reason: 'too-many-keys', path: this.#path() }
    keys.add(key)
    return undefined
  }

  #path(): string {
    return this.#frames.map(({ at }) => `/${String(at).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  }
}

/** The index of the quote that closes the string opened at `start`, or -1. Linear: it counts a run of backslashes once. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text[end - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return end
  }
  return -1
}

/** The key without its escapes: `"\u0061"` and `"a"` are the same key. */
function readKeyText(literal: string): string | undefined {
  if (!literal.includes('\\')) return literal.slice(1, -1)
  try {
    const key: unknown = JSON.parse(literal)
    return typeof key === 'string' ? key : undefined
  } catch {
    return undefined
  }
}
