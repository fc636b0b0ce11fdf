import { expect } from 'chai'
import { inParallel } from '../../../lib/primitives/in-parallel.ts'
import { deferred } from '../../support/deferred.ts'

describe('tasks in parallel', () => {
  it('are never more at once than allowed, and all are done', async () => {
    let running = 0
    let most = 0
    let done = 0
    const task = async () => {
      most = Math.max(most, ++running)
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
      running--
      done++
    }
    await inParallel(Array(11).fill(task), 4)
    expect([most, done]).to.deep.equal([4, 11])
  })

  it('end with the first error; tasks that wait then never begin', async () => {
    const begun: string[] = []
    const slow = deferred<void>()
    const tasks = [
      async () => {
        begun.push('fails')
        throw new Error('scripted')
      },
      async () => {
        begun.push('slow')
        await slow.promise
      },
      async () => {
        begun.push('waits')
      },
    ]
    let message = ''
    await inParallel(tasks, 2).catch((error: Error) => {
      message = error.message
    })
    slow.resolve()
    await slow.promise
    await new Promise((resolve) => setImmediate(resolve))
    expect(message).to.equal('scripted')
    expect(begun).to.deep.equal(['fails', 'slow'])
  })

  it('are no work if there are none', async () => {
    await inParallel([], 4)
  })
})
