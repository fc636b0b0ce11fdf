import { documentedLines } from '../docs/markdown.ts'
import { leaveCounts } from '../evidence.ts'
import { counts, logged, takeLeaks } from '../leak-watch.ts'
import { type Exchange, observeServers } from './exchange.ts'
import { findRouter, type Router } from './find-router.ts'
import { Judge } from './judge.ts'

/**
 * Mocha's root hooks. A test fails when a router of ours answers, during that test, something that is not in the router's own
 * OpenAPI document. The last hook fails when a secret or a phone number was shown anywhere, or when a line was logged that
 * docs/observability.md does not have. Mocha's parallel workers run them once for each file.
 */

const judges = new Map<string, Judge>()
const judgeOf = new WeakMap<Router, Promise<Judge>>()
const underWay = new Set<Promise<void>>()
let violations: string[] = []
let judged = 0

/** Many routers have the same document, except for where they are. */
async function createJudge(router: Router): Promise<Judge> {
  const { servers: _servers, ...document } = await router.service.openapi()
  const key = JSON.stringify(document).replaceAll(/https?:\/\/[^"\s]+\/webhooks/g, '')
  const judge = judges.get(key) ?? new Judge(document)
  judges.set(key, judge)
  return judge
}

async function judge(exchange: Exchange): Promise<void> {
  const found = findRouter(exchange.request)
  if (!found) return
  const { router, path } = found
  const known = judgeOf.get(router) ?? createJudge(router)
  judgeOf.set(router, known)
  const wrong = (await known).violations(path, exchange)
  judged++
  violations.push(...wrong.map((what) => `${exchange.method} ${path}: ${what}`))
}

/** What was wrong since the last time, once everything that was answered has been looked at. */
export async function takeViolations(): Promise<string[]> {
  while (underWay.size > 0) await Promise.all(underWay)
  const taken = violations
  violations = []
  return taken
}

/** How many answers have been looked at. */
export function answersJudged(): number {
  return judged
}

async function requireNone(): Promise<void> {
  const taken = await takeViolations()
  if (taken.length > 0) throw new Error(`What was answered is not in the OpenAPI document:\n- ${taken.join('\n- ')}`)
}

/** Within the test itself: a hook that fails would end the whole suite. */
function watch(test: Mocha.Runnable): void {
  const { fn } = test
  if (!fn) return
  test.fn = async function (this: Mocha.Context) {
    await (fn as Mocha.AsyncFunc).call(this)
    await requireNone()
  }
}

observeServers((exchange) => {
  const done = judge(exchange)
    .catch((error: Error) => void violations.push(`it could not be judged: ${error.stack}`))
    .finally(() => underWay.delete(done))
  underWay.add(done)
})

export const mochaHooks: Mocha.RootHookObject = {
  beforeEach(this: Mocha.Context) {
    if (this.currentTest) watch(this.currentTest)
  },
  afterEach: requireNone,
  async afterAll() {
    await requireNone()
    leaveCounts({ 'contract answer': judged, ...Object.fromEntries([...counts, ...logged]) })
    const lines = documentedLines()
    const unknown = [...logged.keys()].filter((line) => !lines.includes(line))
    for (const line of unknown) logged.delete(line)
    if (unknown.length > 0) throw new Error(`Logged, and not in docs/observability.md:\n- ${unknown.join('\n- ')}`)
    const leaks = takeLeaks()
    if (leaks.length > 0) throw new Error(`A secret or a phone number was shown:\n- ${leaks.join('\n- ')}`)
  },
}
