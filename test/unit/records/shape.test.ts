import { expect } from 'chai'
import {
  absentOr,
  type Check,
  count,
  listOf,
  matching,
  oneOf,
  shapeOf,
  text,
  time,
  unchecked,
} from '../../../lib/records/shape.ts'

interface Kept {
  readonly id: string
  readonly status: 'open' | 'closed'
  readonly note?: string
  readonly parts?: readonly { readonly size: number }[]
}

const id = matching(/^[a-z]+$/)
const status = oneOf(['open', 'closed'])
const note = absentOr(text)
const parts = absentOr(listOf(shapeOf<{ readonly size: number }>({ size: count }), 2, 1))
const kept = shapeOf<Kept>({ id, status, note, parts })

describe('the shape of a record', () => {
  it('accepts a record with and without its optional fields, and with fields of a later version', () => {
    expect(kept({ id: 'a', status: 'open' })).to.equal(true)
    expect(kept({ id: 'a', status: 'closed', note: '', parts: [{ size: 0 }, { size: 1 }] })).to.equal(true)
    expect(kept({ id: 'a', status: 'open', later: true })).to.equal(true)
  })

  for (const [fault, value] of [
    ['no object', null],
    ['a list', [{ id: 'a', status: 'open' }]],
    ['a missing field', { status: 'open' }],
    ['a field that is only inherited', Object.assign(Object.create({ id: 'a' }), { status: 'open' })],
    ['a text that does not match', { id: 'A', status: 'open' }],
    ['an unknown status', { id: 'a', status: 'lost' }],
    ['null in place of an absent field', { id: 'a', status: 'open', note: null }],
    ['an empty list', { id: 'a', status: 'open', parts: [] }],
    ['a list that is too long', { id: 'a', status: 'open', parts: [{ size: 1 }, { size: 1 }, { size: 1 }] }],
    ['a fault within a list', { id: 'a', status: 'open', parts: [{ size: -1 }] }],
  ] as const) {
    it(`refuses ${fault}`, () => expect(kept(value)).to.equal(false))
  }

  it('knows the times that a Date can have, counts, and texts up to a length', () => {
    const faults = [Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1, '0', undefined].map(time)
    expect(faults).to.deep.equal([false, false, false, false, false])
    expect([0, -1, 8.64e15].map(time)).to.deep.equal([true, true, true])
    expect([0, 1, 1.5, -1, '1'].map(count)).to.deep.equal([true, true, false, false, false])
    expect(['x'.repeat(32_768), 'x'.repeat(32_769), 1].map(text)).to.deep.equal([true, false, false])
    expect(unchecked()(undefined)).to.equal(true)
  })

  it('compiles only if it says the same as the type of the record', () => {
    const shapes: Check<Kept>[] = [
      shapeOf<Kept>({ id: unchecked(), status, note: unchecked(), parts }),
      // @ts-expect-error: a required field is missing
      shapeOf<Kept>({ status, note, parts }),
      // @ts-expect-error: an optional field is missing
      shapeOf<Kept>({ id, status, parts }),
      // @ts-expect-error: the record has no such field
      shapeOf<Kept>({ id, status, note, parts, other: text }),
      // @ts-expect-error: an optional field may be absent
      shapeOf<Kept>({ id, status, note: text, parts }),
      // @ts-expect-error: a required field may not
      shapeOf<Kept>({ id: absentOr(text), status, note, parts }),
      // @ts-expect-error: one status is missing
      shapeOf<Kept>({ id, status: oneOf(['open']), note, parts }),
      // @ts-expect-error: one status is too many
      shapeOf<Kept>({ id, status: oneOf(['open', 'closed', 'lost']), note, parts }),
      // @ts-expect-error: a status is not just any text
      shapeOf<Kept>({ id, status: text, note, parts }),
    ]
    expect(shapes.map((shape) => shape(null))).to.not.include(true)
  })
})
