import { expect } from 'chai'
import fc from 'fast-check'
import { decodeProtectedHeader } from 'jose'
import { createVault, VaultError } from '../../lib/storage/vault.ts'

const oldKey = 'the old key, 16+ characters'
const newKey = 'the new key, 16+ characters'
const token = 'eyJhbGciOi.customer-token'

async function openError(vault: ReturnType<typeof createVault>, recordKey: string, sealed: string): Promise<unknown> {
  return vault.open(recordKey, sealed).then(
    (plaintext) => new Error(`opened: ${plaintext}`),
    (error: unknown) => error,
  )
}

describe('createVault', () => {
  /** Keeps no opened values, so that every open really decrypts. */
  const vault = createVault({ keys: [newKey], maxOpenedValues: 0 })

  it('opens what it sealed, whatever it says', async () => {
    const text = fc.string({ unit: 'grapheme' })
    await fc.assert(
      fc.asyncProperty(text, text, async (recordKey, plaintext) => {
        const sealed = await vault.seal(recordKey, plaintext)
        return (await vault.open(recordKey, sealed)) === plaintext
      }),
    )
  })

  it('shows nothing of the plaintext, the record key or the encryption key, and never the same text twice', async () => {
    const sealed = await vault.seal('binding:customer-7', token)
    expect(await vault.seal('binding:customer-7', token)).not.to.equal(sealed)
    const header = JSON.stringify(decodeProtectedHeader(sealed))
    for (const secret of [token, 'customer-7', newKey]) {
      expect(sealed).not.to.contain(secret)
      expect(header).not.to.contain(secret)
    }
  })

  it('does not open for another record', async () => {
    const sealed = await vault.seal('binding:alice', token)
    expect(await openError(vault, 'binding:bob', sealed)).to.be.instanceOf(VaultError)
  })

  it('does not open for another record out of its memory of opened values either', async () => {
    const remembering = createVault({ keys: [newKey] })
    const sealed = await remembering.seal('binding:alice', token)
    await remembering.open('binding:alice', sealed)
    expect(await openError(remembering, 'binding:bob', sealed)).to.be.instanceOf(VaultError)
  })

  it('does not open when any character was changed', async () => {
    const sealed = await vault.seal('r', token)
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: sealed.length - 1 }),
        fc.constantFrom('A', 'b', '7', '-', '.'),
        async (at, char) => {
          const changed = sealed.slice(0, at) + char + sealed.slice(at + 1)
          fc.pre(changed !== sealed && !sameBytes(changed, sealed))
          return (await openError(vault, 'r', changed)) instanceof VaultError
        },
      ),
      { numRuns: 500 },
    )
  })

  for (const garbage of ['', 'token', 'a.b.c.d.e', '....', 'eyJhbGciOiJub25lIn0.e30.']) {
    it(`rejects ${JSON.stringify(garbage)} with its own error`, async () => {
      expect(await openError(vault, 'r', garbage))
        .to.be.instanceOf(VaultError)
        .with.property('code', 'SEALED_VALUE_UNREADABLE')
    })
  }

  it('opens what an older key sealed, and seals with the first key', async () => {
    const before = createVault({ keys: [oldKey] })
    const during = createVault({ keys: [newKey, oldKey] })
    const after = createVault({ keys: [newKey] })
    const old = await before.seal('r', token)
    expect(await during.open('r', old)).to.equal(token)
    expect(await openError(after, 'r', old)).to.be.instanceOf(VaultError)
    expect(await after.open('r', await during.seal('r', token))).to.equal(token)
  })

  it('opens in another process with the same key', async () => {
    const sealed = await createVault({ keys: [newKey] }).seal('r', token)
    expect(await createVault({ keys: [newKey] }).open('r', sealed)).to.equal(token)
  })

  it('still opens a value that it has pushed out of its memory', async () => {
    const small = createVault({ keys: [newKey], maxOpenedValues: 2 })
    const sealed = await Promise.all(['a', 'b', 'c', 'd'].map((name) => small.seal(name, `token of ${name}`)))
    expect(await small.open('a', sealed[0] ?? '')).to.equal('token of a')
  })

  it('refuses to be made without a key, or with one that is too short', () => {
    expect(() => createVault({ keys: [] })).to.throw(TypeError, 'at least one')
    expect(() => createVault({ keys: [newKey, 'fifteen letters'] })).to.throw(TypeError, 'at least 16')
  })

  it('does not put the key or the plaintext into its errors', async () => {
    const sealed = await vault.seal('binding:alice', token)
    const error = await openError(vault, 'binding:bob', sealed)
    const text = `${error} ${(error as Error).stack} ${(error as Error).cause}`
    expect(text).not.to.contain(newKey)
    expect(text).not.to.contain(token)
  })
})

/** The last character of a base64url part carries spare bits: another character may spell the same bytes. */
function sameBytes(one: string, other: string): boolean {
  const bytes = (text: string) =>
    text
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('hex'))
      .join('.')
  return bytes(one) === bytes(other)
}
