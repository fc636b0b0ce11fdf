import { type HttpAnswer, type HttpRequest, type Transport, TransportError } from '../../../lib/doku/transport.ts'
import type { Stage } from '../engine/stage.ts'
import { distort } from './distort.ts'
import { type Life, never } from './life.ts'

type Fate = 'works' | 'refuses' | 'losesRequest' | 'losesAnswer'
type Handle = (request: HttpRequest) => HttpAnswer

/** So late can a request that was given up still arrive; well before the time by which DOKU must know it. */
const latestMs = 5 * 60_000

/** The line from one process to DOKU. What is on its way arrives whether or not the process lives to see it. */
export function transportPort(stage: Stage, handle: Handle, life: Life): Transport {
  const { random, plan, scheduler, journal } = stage

  function drawFate(): Fate {
    if (!stage.isFaulty()) return 'works'
    const { refuses, losesRequest, losesAnswer } = plan.line
    if (random.chance(refuses)) return 'refuses'
    if (random.chance(losesRequest)) return 'losesRequest'
    return random.chance(losesAnswer) ? 'losesAnswer' : 'works'
  }

  function arrivesAfter(): number {
    const isLate = stage.isFaulty() && random.chance(plan.delaysRequest)
    if (!isLate) return random.stretch(2000)
    journal.count('fault: line delays request')
    return random.between(10_000, latestMs)
  }

  function arrive(request: HttpRequest): HttpAnswer {
    const answer = handle(request)
    return stage.isFaulty() && random.chance(plan.distortsAnswer) ? distort(stage, answer) : answer
  }

  function post(request: HttpRequest): Promise<HttpAnswer> {
    const label = request.path.split('/').slice(-2).join('/')
    if (!life.isAlive || life.tempt(() => `before it calls ${label}`)) return never()
    // As the real one: asked directly before the first byte leaves.
    if (request.mayStart?.() === false) return Promise.reject(new TransportError('not-sent', 'it became too late'))
    const fate = drawFate()
    if (fate !== 'works') journal.count(`fault: line ${fate}`)
    journal.tell(() => `${life.name} calls ${label}${fate === 'works' ? '' : ` (${fate})`}`)
    return new Promise((resolve, reject) => {
      let isAnswered = false
      const lose = () => isAnswered || reject(new TransportError('unknown', 'scripted'))
      if (fate === 'refuses') {
        return life.after(random.stretch(5000), () => reject(new TransportError('not-sent', 'scripted')))
      }
      life.after(fate === 'works' ? request.deadlineMs : random.stretch(request.deadlineMs), lose)
      if (fate === 'losesRequest') return
      scheduler.after(arrivesAfter(), () => {
        if (!life.isAlive && random.chance(0.3)) return
        const answer = arrive(request)
        if (fate === 'losesAnswer' || life.tempt(() => `after DOKU did ${label}`)) return
        life.after(random.stretch(3000), () => {
          isAnswered = true
          resolve(answer)
        })
      })
    })
  }

  return { post, close: async () => {} }
}
