import { expect } from 'chai'
import { leaks, lookAt } from '../support/leak-watch.ts'

const kinds = ['log', 'hook', 'storage', 'error', 'answer', 'channel call', 'channel webhook', 'channel change']

/** Of which a run of all files has more, and one of a few files fewer. */
const manySuites = 60

describe('the whole run of the tests', () => {
  it('looks at what a stranger may read, also inside errors', () => {
    const cause = new Error('with 6281200000001')
    lookAt('error', Object.assign(new Error('harmless'), { cause: { deep: [cause] } }))
    expect(leaks().hits.at(-1)).to.match(/^error: .*6281200000001/s)
  })
})

// At the root: it waits for the tests of all files that run together with this one.
after('has shown no secret and no phone number anywhere', function () {
  const { hits, counts } = leaks()
  // Where only a few files run, not everything is there to be seen.
  const isWhole = (this.test?.parent?.suites.length ?? 0) > manySuites
  if (isWhole) expect([...counts.keys()]).to.include.members(kinds)
  expect(hits.filter((hit) => !hit.includes('with 6281200000001'))).to.deep.equal([])
})
