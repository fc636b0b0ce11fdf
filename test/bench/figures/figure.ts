import type { Stage } from '../stage.ts'

/** One measured number. */
export interface Figure {
  readonly what: string
  readonly value: number
  /** Absent: nothing was promised, it only helps to read the others. */
  readonly atMost?: number
}

/** Measures what belongs together. */
export type Measure = (stage: Stage) => Promise<readonly Figure[]>
