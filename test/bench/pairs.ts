/** What was measured for a moment, and whether others used the machine meanwhile. */
export interface Slice {
  readonly isCalm: boolean
}

/** Neighbours in time: one slice of each contender. */
export interface Pair<T extends Slice> {
  readonly a: T
  readonly b: T
}

/** Which pairs count. */
interface Picked<T extends Slice> {
  readonly used: readonly Pair<T>[]
  /** Those that were disturbed and do not count. */
  readonly dropped: number
  /** Disturbed from beginning to end: all count, which is better said than nothing. */
  readonly isDisturbed: boolean
}

export function calmOnes<T extends Slice>(pairs: readonly Pair<T>[]): readonly Pair<T>[] {
  return pairs.filter(({ a, b }) => a.isCalm && b.isCalm)
}

export function pick<T extends Slice>(pairs: readonly Pair<T>[]): Picked<T> {
  const calm = calmOnes(pairs)
  const isDisturbed = calm.length === 0
  const used = isDisturbed ? pairs : calm
  return { used, dropped: pairs.length - used.length, isDisturbed }
}

/** As a reader of the table wants to know it. */
export function describePairs(pairs: number, dropped: number, isDisturbed: boolean): string {
  if (isDisturbed) return `${pairs} pairs, none undisturbed`
  return `${pairs} pairs${dropped > 0 ? `, ${dropped} more disturbed` : ''}`
}
