import autocannon from 'autocannon'
import { evenLoad } from './even-load.ts'
import type { FromProcess, LoadJob, LoadResult, ToProcess } from './messages.ts'
import { requestsOf } from './scenarios.ts'

/** How soon a stretch ends after its time, in ms. */
const sampleMs = 50

/** As fast as answers come: each connection sends when it has been answered. */
async function fullLoad(job: LoadJob): Promise<LoadResult> {
  const { origins, connections, seconds, amount, expects } = job
  // Its types do not know that it takes several addresses.
  const result = await autocannon({
    url: [...origins],
    connections,
    ...(amount === undefined ? { duration: seconds } : { amount }),
    sampleInt: sampleMs,
    requests: requestsOf(job),
    verifyBody: (body: unknown) => String(body).includes(expects),
  } as unknown as autocannon.Options)
  return {
    requests: result['2xx'] + result.non2xx,
    seconds: (result.finish.getTime() - result.start.getTime()) / 1000,
    failures: result.non2xx + result.mismatches + result.errors,
  }
}

process.once('disconnect', () => process.exit())
process.on('message', (message: ToProcess) => {
  if (message.type !== 'load') return
  const { id, job } = message
  const run = job.requestsPerSecond === undefined ? fullLoad(job) : evenLoad(job, job.requestsPerSecond)
  run.then(
    (answer) => tell({ type: 'answer', id, answer }),
    (error) => tell({ type: 'failed', id, error: String(error) }),
  )
})
tell({ type: 'ready' })

function tell(message: FromProcess): void {
  process.send?.(message)
}
