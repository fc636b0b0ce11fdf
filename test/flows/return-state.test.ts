import { expect } from 'chai'
import fc from 'fast-check'
import { ReturnStates } from '../../lib/flows/return-state.ts'
import { TestClock } from './scene.ts'

const base = 'https://shop.example/ovo'

describe('an address to come back to', () => {
  const clock = new TestClock()
  const states = new ReturnStates(base, 'secret', 'client', clock.read)
  const stateIn = (url: string) => url.split('/').at(-2) ?? ''
  const make = (subject: string) => stateIn(states.urls('binding', subject).success)

  it('leads back to what it is about, whatever that is called', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('binding' as const, 'payment' as const),
        (subject, purpose) => {
          const { success, failed } = states.urls(purpose, subject)
          expect(success).to.match(new RegExp(`^${base}/return/${purpose}/[\\w.-]+/success$`))
          expect(failed.replace(/failed$/, 'success')).to.equal(success)
          expect(states.open(purpose, stateIn(success))).to.equal(subject)
        },
      ),
    )
  })

  it('is worth nothing for another purpose', () => {
    expect(states.open('payment', make('alice'))).to.equal(undefined)
  })

  it('is worth nothing when one character of it was changed', () => {
    const state = make('alice')
    for (let index = 0; index < state.length; index++) {
      const other = state[index] === 'A' ? 'B' : 'A'
      const changed = state.slice(0, index) + other + state.slice(index + 1)
      const opened = states.open('binding', changed)
      expect(opened, changed).to.equal(undefined)
    }
  })

  it('is worth nothing with the MAC of another', () => {
    const [, mac] = make('alice').split('.')
    const [text] = make('bob').split('.')
    expect(states.open('binding', `${text}.${mac}`)).to.equal(undefined)
    for (const state of ['', '.', `${text}.`, `.${mac}`, String(text)]) {
      expect(states.open('binding', state)).to.equal(undefined)
    }
  })

  it('is worth nothing after a day', () => {
    const state = make('alice')
    clock.pass(86_399)
    expect(states.open('binding', state)).to.equal('alice')
    clock.pass(1)
    expect(states.open('binding', state)).to.equal(undefined)
  })

  it('is worth nothing to another merchant, and not after the secret key has changed', () => {
    for (const [secret, client] of [
      ['secret', 'other'],
      ['other', 'client'],
    ] as const) {
      expect(new ReturnStates(base, secret, client, clock.read).open('binding', make('alice'))).to.equal(undefined)
    }
  })
})
