import { expect } from 'chai'
import { isOwner, ownOnly } from '../../../lib/flows/owner.ts'

describe('the owner check', () => {
  it('knows the owner by the whole id, case by case', () => {
    expect(isOwner({ id: 'alice' }, { customerId: 'alice' })).to.equal(true)
    for (const id of ['bob', 'Alice', 'alice ', 'alic', 'alice2', '', 'constructor']) {
      expect(isOwner({ id }, { customerId: 'alice' }), id).to.equal(false)
    }
  })

  it('does not take a list or an object for the id that it would be printed as', () => {
    for (const id of [['alice'], { toString: () => 'alice' }, new String('alice')]) {
      expect(isOwner({ id: id as string }, { customerId: 'alice' })).to.equal(false)
    }
  })

  it('gives the owner what was found, and everybody else nothing', () => {
    const found = { payment: { customerId: 'alice' }, key: 'k' }
    expect(ownOnly({ id: 'alice' }, found)).to.equal(found)
    expect(ownOnly({ id: 'bob' }, found)).to.equal(undefined)
    expect(ownOnly({ id: 'alice' }, undefined)).to.equal(undefined)
  })
})
