import { TimeQueue } from '../primitives/time-queue.ts'
import { toStored } from './keyv-record.ts'
import type { KeyvRecords } from './keyv-records.ts'
import { UnreadableRecordError } from './keyv-strict.ts'
import type { Stored } from './storage.ts'

/**
 * `Storage.lease` for a Keyv: the index says who may be due, each record says whether it is.
 *
 * A record that cannot be read, or that a hanging write still holds, does not keep the others waiting; an outage ends the
 * search. What has been leased by then is given out all the same; the error is for when there is nothing to give.
 */
export async function leaseDue(records: KeyvRecords, now: number, leaseMs: number, limit: number): Promise<Stored[]> {
  const noted = await records.index.dueBy(now)
  const candidates = new TimeQueue()
  for (const [key, at] of noted) candidates.set(key, at)
  const leased: Stored[] = []
  let failure: unknown
  while (leased.length < limit) {
    const key = candidates.takeDue(now)
    if (key === undefined) break
    if (records.isStuck(key)) continue
    try {
      const outcome = await leaseOne(records, key, noted.get(key) ?? now, now + leaseMs)
      if (typeof outcome === 'object') leased.push(outcome)
      else if (outcome !== undefined) {
        // Its turn comes after those that are really due earlier.
        noted.set(key, outcome)
        candidates.set(key, outcome)
      }
    } catch (error) {
      failure = error
      if (!(error instanceof UnreadableRecordError)) break
    }
  }
  if (failure !== undefined && leased.length === 0) throw failure
  return leased
}

/** The record, moved on to `leasedUntil`; or when it is really due, if that is later than noted; or `undefined`: never. */
function leaseOne(
  records: KeyvRecords,
  key: string,
  notedAt: number,
  leasedUntil: number,
): Promise<Stored | number | undefined> {
  return records.exclusively(key, async (ensureInTime) => {
    const record = await records.find(key)
    if (record?.dueAt === undefined || record.dueAt > notedAt) {
      await records.index.settle(key, record?.dueAt)
      return record?.dueAt
    }
    await records.write({ ...record, dueAt: leasedUntil }, record, ensureInTime)
    return toStored(record)
  })
}
