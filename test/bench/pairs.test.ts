import { expect } from 'chai'
import { describePairs, type Pair, pick, type Slice } from './pairs.ts'

const calm: Slice = { isCalm: true }
const disturbed: Slice = { isCalm: false }
const described = (pairs: readonly Pair<Slice>[]) => {
  const { used, dropped, isDisturbed } = pick(pairs)
  return describePairs(used.length, dropped, isDisturbed)
}

describe('the pairs of the benchmark', () => {
  it('drops a pair of which either slice was disturbed', () => {
    const good = { a: calm, b: calm }
    const pairs = [{ a: disturbed, b: calm }, good, { a: calm, b: disturbed }]
    expect(pick(pairs)).to.deep.equal({ used: [good], dropped: 2, isDisturbed: false })
  })

  it('says how many were dropped, also when they are as many as those that count', () => {
    const good = { a: calm, b: calm }
    const bad = { a: disturbed, b: disturbed }
    expect(described([good, bad, bad, good])).to.equal('2 pairs, 2 more disturbed')
  })

  it('uses all when none was undisturbed, and says so', () => {
    const pairs = [
      { a: disturbed, b: calm },
      { a: calm, b: disturbed },
    ]
    expect(described(pairs)).to.equal('2 pairs, none undisturbed')
  })

  it('says nothing of disturbance when there was none', () => {
    const good = { a: calm, b: calm }
    expect(described([good, good])).to.equal('2 pairs')
  })
})
