import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import type { LoadJob, LoadResult } from './messages.ts'
import { makers, type Ready } from './scenarios.ts'

/**
 * Sends requests at an even rate, whatever the answers do, and counts each one's time from when it was due: who waits
 * behind a slow answer is not forgotten. autocannon's own rate limit sends the requests of each second all at once.
 */
export async function evenLoad(job: LoadJob, requestsPerSecond: number): Promise<LoadResult> {
  if (job.scenario === 'everything') throw new Error('an even load has requests of one kind')
  const make = makers[job.scenario](job)
  const pool = new Pool(job.origins[0] ?? '', { connections: job.connections })
  const total = Math.round((job.seconds ?? 0) * requestsPerSecond)
  const begun = performance.now()
  const latencies: Promise<number | undefined>[] = []
  while (latencies.length < total) {
    const dueMs = begun + (latencies.length * 1000) / requestsPerSecond
    const waitMs = dueMs - performance.now()
    if (waitMs > 0) await sleep(waitMs)
    latencies.push(ask(pool, make(job.from + latencies.length), job.expects, Math.max(dueMs, begun)))
  }
  const known = (await Promise.all(latencies)).filter((latency) => latency !== undefined)
  const seconds = (performance.now() - begun) / 1000
  await pool.close()
  const meanLatencyMs = known.reduce((sum, latency) => sum + latency, 0) / known.length
  return { requests: known.length, seconds, failures: total - known.length, meanLatencyMs }
}

/** In ms from when it was due; `undefined` when the answer is not as it should be. */
async function ask(
  pool: Pool,
  { method, path, headers, body }: Ready,
  expects: string,
  dueMs: number,
): Promise<number | undefined> {
  try {
    const answer = await pool.request({ method, path, headers, ...(body && { body }) })
    const text = await answer.body.text()
    const isRight = answer.statusCode < 300 && text.includes(expects)
    return isRight ? performance.now() - dueMs : undefined
  } catch {
    return undefined
  }
}
