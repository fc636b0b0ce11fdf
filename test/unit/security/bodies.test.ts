import { expect } from 'chai'
import { bodyReaders, prototypeState, textReaders } from '../../fuzz/bodies.ts'
import { hostileBody, hostileText } from '../../fuzz/hostile.ts'
import { readAll } from '../../fuzz/read-all.ts'

/** `npm run test:fuzz` tries 100,000 of each, and measures. */
describe('hostile input', () => {
  it('as a body crashes no route, has no effect and touches no prototype', async () => {
    const { faults } = await readAll(await bodyReaders(), hostileBody, { runs: 200, seed: 7 })
    expect(faults).to.deep.equal([])
  })

  it('as a text crashes nothing that looks at texts', async () => {
    const { faults } = await readAll(await textReaders(), hostileText, { runs: 200, seed: 7 })
    expect(faults).to.deep.equal([])
  })

  it('would be noticed: a reader that throws, and one that changes a prototype', async () => {
    const read = async (text: string) => (text === '' ? undefined : 'it was read')
    const reported = await readAll([{ name: 'a reader', read }], hostileText, { runs: 50, seed: 7 })
    expect(reported.faults).to.have.length(1)
    const before = prototypeState()
    Object.defineProperty(Object.prototype, 'polluted', { value: 1, configurable: true })
    expect(prototypeState()).not.to.equal(before)
    Reflect.deleteProperty(Object.prototype, 'polluted')
  })
})
