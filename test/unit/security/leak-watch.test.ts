import { expect } from 'chai'
import { lookAt, takeLeaks } from '../../support/leak-watch.ts'

describe('the watch over what a stranger may read', () => {
  it('finds a phone number, also inside errors', () => {
    expect(takeLeaks()).to.deep.equal([])
    const cause = new Error('with 6281200000001')
    lookAt('error', Object.assign(new Error('harmless'), { cause: { deep: [cause] } }))
    expect(takeLeaks().join()).to.match(/^error: .*6281200000001/s)
  })
})
