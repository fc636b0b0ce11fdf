import type { ToldCheck } from '../checks/told.ts'
import type { Doku } from '../doku/doku.ts'
import type { Notifier } from '../doku/notifier.ts'
import type { Stage } from '../engine/stage.ts'
import type { Calls } from './calls.ts'
import type { Disk } from './disk.ts'
import type { ShopOrder } from './orders.ts'

/** Whom people have to do with. */
export interface Scene {
  readonly stage: Stage
  readonly calls: Calls
  readonly disk: Disk
  readonly doku: Doku
  readonly notifier: Notifier
  readonly told: ToldCheck
  readonly orders: readonly ShopOrder[]
}

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs

/** Some time from now, mostly soon. */
export function later({ stage }: Scene, mostMs: number, run: () => void): void {
  stage.scheduler.after(stage.random.stretch(mostMs), run)
}
