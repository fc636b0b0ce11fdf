import { StorageError } from '../../../lib/errors.ts'
import type { Storage } from '../../../lib/storage/storage.ts'
import type { Stage } from '../engine/stage.ts'
import type { Disk } from './disk.ts'
import { type Life, never } from './life.ts'

/** After that a command is given up, whether or not it will still be carried out. */
const deadlineMs = 1000
/** So late can a command that was given up still take effect. */
const latestMs = 20_000

type Fate = 'works' | 'refuses' | 'losesAnswer' | 'actsLate'

/** The storage as one process sees it: slow, now and then out of reach, and silent once the process has died. */
export function storagePort(stage: Stage, disk: Disk, life: Life): Storage {
  const { random, plan, scheduler, journal } = stage

  function drawFate(isWrite: boolean): Fate {
    if (!stage.isFaulty()) return 'works'
    const { refuses, losesAnswer, actsLate } = plan.storage
    if (random.chance(refuses)) return 'refuses'
    if (random.chance(losesAnswer)) return 'losesAnswer'
    return isWrite && random.chance(actsLate) ? 'actsLate' : 'works'
  }

  /** What has left a process may arrive without it. */
  const isUnderWay = () => life.isAlive || random.chance(0.5)

  function begin<T>(label: string, isWrite: boolean, act: () => Promise<T>): Promise<T> {
    if (!life.isAlive || life.tempt(() => `before ${label}`)) return never()
    const fate = drawFate(isWrite)
    if (fate !== 'works') journal.count(`fault: storage ${fate}`)
    journal.tell(() => `${life.name} ${label}${fate === 'works' ? '' : ` (${fate})`}`)
    return new Promise((resolve, reject) => {
      const fail = () => reject(new StorageError(`scripted: ${fate}`))
      const answerMs = random.stretch(stage.isFaulty() ? 400 : 5)
      if (fate === 'refuses') return life.after(answerMs, fail)
      const actMs = fate === 'actsLate' ? random.between(deadlineMs, latestMs) : random.stretch(400)
      if (fate === 'actsLate') life.after(deadlineMs, fail)
      scheduler.after(actMs, () => {
        if (!isUnderWay()) return
        const done = act()
        if (fate === 'actsLate' || life.tempt(() => `after ${label}`)) return
        life.after(answerMs, fate === 'losesAnswer' ? fail : () => done.then(resolve, reject))
      })
    })
  }

  const show = (key: string) =>
    key.slice(key.indexOf('/') + 1).replace(/(?<=^order\/)\w+/, (id) => journal.name(id, 'o'))
  return {
    scope: 'process',
    read: (key) => begin(`reads ${show(key)}`, false, () => disk.read(key)),
    insert: (key, value, options) => begin(`inserts ${show(key)}`, true, () => disk.insert(key, value, options)),
    update: (key, value, version, options) =>
      begin(`updates ${show(key)} v${version}`, true, () => disk.update(key, value, version, options)),
    remove: (key) => begin(`removes ${show(key)}`, true, () => disk.remove(key)),
    lease: (now, leaseMs, limit) => begin('leases', false, () => disk.lease(now, leaseMs, limit)),
  }
}
