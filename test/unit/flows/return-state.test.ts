import { expect } from 'chai'
import fc from 'fast-check'
import { type ReturnPurpose, ReturnStates } from '../../../lib/flows/return-state.ts'
import { TestClock } from '../../support/test-clock.ts'

const base = 'https://shop.example/ovo'

describe('an address to come back to', () => {
  const clock = new TestClock()
  const states = new ReturnStates(base, ['secret'], 'client', clock.read)
  const stateIn = (url: string) => url.split('/').at(-2) ?? ''
  const make = (customerId: string, purpose: ReturnPurpose = 'binding') =>
    stateIn(states.urls(purpose, { customerId, reference: '123' }).success)

  it('leads back to what it is about, whatever that is called', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.stringMatching(/^[0-9A-Za-z]{1,64}$/),
        fc.constantFrom('binding' as const, 'payment' as const),
        (customerId, reference, purpose) => {
          const { success, failed } = states.urls(purpose, { customerId, reference })
          expect(success).to.match(new RegExp(`^${base}/return/${purpose}/[\\w-]+/success$`))
          expect(failed.replace(/failed$/, 'success')).to.equal(success)
          expect(states.open(purpose, stateIn(success))).to.deep.equal({ customerId, reference })
        },
      ),
    )
  })

  it('tells nobody what it is about, and is never the same twice', () => {
    const [one, other] = [make('alice-of-the-shop'), make('alice-of-the-shop')]
    expect(one).not.to.equal(other)
    expect(Buffer.from(one, 'base64url').toString('latin1')).not.to.contain('alice').and.not.contain('123')
  })

  it('is worth nothing for another purpose', () => {
    expect(states.open('payment', make('alice'))).to.equal(undefined)
    expect(states.open('binding', make('alice', 'payment'))).to.equal(undefined)
  })

  it('is worth nothing when one character of it was changed', () => {
    const state = make('alice')
    for (let index = 0; index < state.length; index++) {
      const other = state[index] === 'A' ? 'B' : 'A'
      const changed = state.slice(0, index) + other + state.slice(index + 1)
      expect(states.open('binding', changed), changed).to.equal(undefined)
    }
  })

  it('is worth nothing cut, longer, spelt differently, or made of two', () => {
    const [one, other] = [make('alice'), make('bobby')]
    const spellings = [`${one}=`, `${one}\n`, ` ${one}`, one.replace(/[\w-]/, '$&.'), `${one}A`, one + other]
    const pieces = [...one].map((_character, index) => one.slice(0, index))
    const mixes = [...one]
      .map((_character, index) => one.slice(0, index) + other.slice(index))
      .filter((mix) => mix !== one && mix !== other)
    for (const state of ['', '.', 'x'.repeat(10_000), ...spellings, ...pieces, ...mixes]) {
      expect(states.open('binding', state), state).to.equal(undefined)
    }
  })

  it('is worth nothing after a day', () => {
    const state = make('alice')
    clock.passSeconds(86_399)
    expect(states.open('binding', state)).to.include({ customerId: 'alice' })
    clock.passSeconds(1)
    expect(states.open('binding', state)).to.equal(undefined)
  })

  it('is worth nothing to another merchant, and not after the secret key has changed', () => {
    for (const [secret, client] of [
      ['secret', 'other'],
      ['other', 'client'],
    ] as const) {
      expect(new ReturnStates(base, [secret], client, clock.read).open('binding', make('alice'))).to.equal(undefined)
    }
  })

  it('still leads back while the secret key is being replaced', () => {
    const replacing = new ReturnStates(base, ['new', 'secret'], 'client', clock.read)
    expect(replacing.open('binding', make('alice'))).to.include({ customerId: 'alice' })
    const newer = stateIn(replacing.urls('binding', { customerId: 'bob', reference: '1' }).success)
    expect(states.open('binding', newer)).to.equal(undefined)
  })
})
