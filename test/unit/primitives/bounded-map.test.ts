import { expect } from 'chai'
import { BoundedMap } from '../../../lib/primitives/bounded-map.ts'

describe('BoundedMap', () => {
  it('forgets the entry that was not used for longest', () => {
    const map = new BoundedMap<number>(2)
    map.set('a', 1)
    map.set('b', 2)
    map.get('a')
    map.set('c', 3)
    expect([map.get('a'), map.get('b'), map.get('c')]).to.deep.equal([1, undefined, 3])
  })

  it('never holds more than it may', () => {
    const map = new BoundedMap<number>(10)
    for (let count = 0; count < 1000; count++) map.set(`key-${count}`, count)
    expect(map.size).to.equal(10)
  })

  it('replaces a value without pushing another one out', () => {
    const map = new BoundedMap<number>(2)
    map.set('a', 1)
    map.set('b', 2)
    map.set('b', 3)
    expect([map.get('a'), map.get('b')]).to.deep.equal([1, 3])
  })

  it('keeps nothing when it may hold nothing', () => {
    const map = new BoundedMap<number>(0)
    map.set('a', 1)
    expect(map.get('a')).to.equal(undefined)
  })

  it('forgets what is deleted', () => {
    const map = new BoundedMap<number>(2)
    map.set('a', 1)
    map.delete('a')
    expect(map.get('a')).to.equal(undefined)
  })
})
