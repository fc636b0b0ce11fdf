import { StorageError } from '../../errors.ts'
import { withDeadline } from '../../primitives/deadline.ts'
import type { Stored } from '../storage.ts'
import { groupsOf, listIn, type RunScript, toStored } from './commands.ts'
import { keyOf, type RedisKeys } from './keys.ts'
import { claimScript, dueScript } from './scripts.ts'

export interface LeaseTerms {
  readonly now: number
  readonly leaseMs: number
  readonly limit: number
  /** Decides whether a record has expired, in ms since the epoch. */
  readonly clockTime: number
  /** How long to wait for an index, in ms: less than for the whole, to leave time to claim the records of other shards. */
  readonly askDeadlineMs: number
}

interface Candidate {
  readonly key: string
  readonly dueAt: number
}

type Outcome<T> = PromiseSettledResult<T>

/**
 * `Storage.lease` over all shards, in rounds: ask every index for its earliest records, merge, and claim the earliest of
 * all, shard by shard. Only a claim counts: another process may claim a record after this one has asked, so one round may
 * not be enough.
 *
 * Claimed records go into `leased` at once, so that the caller has them even if a later command fails. A shard that cannot
 * be reached does not delay the other shards' records: this function claims those first, and then rejects.
 */
export async function leaseDue(run: RunScript, keys: RedisKeys, terms: LeaseTerms, leased: Stored[]): Promise<void> {
  const seen = new Set<string>()
  for (;;) {
    const wanted = terms.limit - leased.length
    const asked = await Promise.allSettled(keys.dueIndexes.map((due) => askShard(run, due, terms)))
    const candidates = earliestOf(valuesIn(asked).flat(), seen).slice(0, wanted)
    const claimed = await claimAll(run, keys, candidates, terms)
    for (const { key } of candidates) seen.add(key)
    leased.push(...inOrderOf(candidates, valuesIn(claimed)))
    throwFailureIn([...asked, ...claimed])
    if (leased.length >= terms.limit || candidates.length < wanted) return
  }
}

/** Asks for twice the limit: a lease of 0 ms leaves the records that this call has claimed at the front of the index. */
async function askShard(run: RunScript, due: string, { now, limit, askDeadlineMs }: LeaseTerms): Promise<Candidate[]> {
  const asked = run(dueScript, [due], [String(now), String(2 * limit)])
  const late = () => new StorageError(`Redis did not answer within ${askDeadlineMs} ms`)
  return groupsOf(listIn(await withDeadline(asked, askDeadlineMs, late)), 2).map(([member, dueAt]) => ({
    key: keyOf(member ?? ''),
    dueAt: Number(dueAt),
  }))
}

async function claimAll(
  run: RunScript,
  keys: RedisKeys,
  candidates: readonly Candidate[],
  terms: LeaseTerms,
): Promise<Outcome<Stored>[]> {
  const shards = keys.dueIndexes.map((due) => candidates.filter(({ key }) => keys.of(key).due === due))
  const busy = shards.filter(({ length }) => length > 0)
  const claimed = await Promise.allSettled(busy.map((shard) => claimShard(run, keys, shard, terms)))
  const failed = claimed.filter((outcome) => outcome.status === 'rejected')
  return [...valuesIn(claimed).flat(), ...failed]
}

/** An unreadable record is one rejected outcome. Its due time has moved on as well, so it blocks no other record. */
async function claimShard(
  run: RunScript,
  keys: RedisKeys,
  shard: readonly Candidate[],
  { now, leaseMs, clockTime }: LeaseTerms,
): Promise<Outcome<Stored>[]> {
  const named = shard.map(({ key, dueAt }) => ({ ...keys.of(key), dueAt: String(dueAt) }))
  const index = named.slice(0, 1).map(({ due }) => due)
  const claims = named.flatMap(({ member, dueAt }) => [member, dueAt])
  const records = named.map(({ record }) => record)
  const answer = await run(claimScript, [...index, ...records], [String(clockTime), String(now + leaseMs), ...claims])
  const claimed = groupsOf(listIn(answer), 3)
  return Promise.allSettled(claimed.map(async ([member, ...fields]) => toStored(keyOf(member ?? ''), ...fields)))
}

function earliestOf(candidates: readonly Candidate[], except: ReadonlySet<string>): Candidate[] {
  return candidates.filter(({ key }) => !except.has(key)).sort((one, other) => one.dueAt - other.dueAt)
}

function inOrderOf(candidates: readonly Candidate[], claimed: readonly Stored[]): Stored[] {
  const byKey = new Map(claimed.map((stored) => [stored.key, stored]))
  return candidates.flatMap(({ key }) => byKey.get(key) ?? [])
}

function valuesIn<T>(outcomes: readonly Outcome<T>[]): T[] {
  return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
}

function throwFailureIn(outcomes: readonly Outcome<unknown>[]): void {
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}
