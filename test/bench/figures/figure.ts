import type { Stage } from '../stage.ts'

/** One measured number. */
export interface Figure {
  readonly id: string
  readonly what: string
  readonly value: number
  readonly unit: string
  /** Absent: nothing was promised, it only helps to read the others. */
  readonly atMost?: number
  /** What has to be known to read it. */
  readonly note?: string
}

/** Measures what belongs together. */
export type Measure = (stage: Stage) => Promise<readonly Figure[]>

export function isReached({ value, atMost }: Figure): boolean {
  return atMost === undefined || value <= atMost
}
