import { expect } from 'chai'
import { leaks, lookAt } from '../support/leak-watch.ts'

const kinds = ['log', 'hook', 'storage', 'error', 'answer', 'channel call', 'channel webhook', 'channel change']

describe('the whole run of the tests', () => {
  it('looks at what a stranger may read, also inside errors', () => {
    const cause = new Error('with 6281200000001')
    lookAt('error', Object.assign(new Error('harmless'), { cause: { deep: [cause] } }))
    expect(leaks().hits.at(-1)).to.match(/^error: .*6281200000001/s)
  })
})

// At the root: it waits for the tests of all files that run together with this one.
after('has shown no secret and no phone number anywhere', () => {
  const { hits, counts } = leaks()
  // Where this file runs alone there is nothing to see.
  if (counts.size > 1) expect([...counts.keys()]).to.include.members(kinds)
  expect(hits.filter((hit) => !hit.includes('with 6281200000001'))).to.deep.equal([])
})
