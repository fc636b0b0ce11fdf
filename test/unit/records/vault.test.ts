import { createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { CompactEncrypt, decodeProtectedHeader } from 'jose'
import sinon from 'sinon'
import { createVault, VaultError } from '../../../lib/records/vault.ts'

const oldKey = 'the old key, 16+ characters'
const newKey = 'the new key, 16+ characters'
const token = 'eyJhbGciOi.customer-token'

async function openError(vault: ReturnType<typeof createVault>, recordKey: string, sealed: string): Promise<unknown> {
  return vault.open(recordKey, sealed).then(
    (plaintext) => new Error(`opened: ${plaintext}`),
    (error: unknown) => error,
  )
}

/** The key of a vault, in this file's own words: what is sealed today has to open in every version to come. */
function derived(label: string, bytes: number, key = newKey): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', `express-doku-ovo vault v1 ${label}`, bytes))
}

const digestOf = (recordKey: string) => createHash('sha256').update(recordKey).digest('base64url')

/** A value that was sealed with the right key, in another way. */
function sealedOtherwise(header: object, key = derived('A256GCM', 32)): Promise<string> {
  const usual = { alg: 'dir', enc: 'A256GCM', kid: derived('key id', 6).toString('base64url'), record: digestOf('r') }
  return new CompactEncrypt(Buffer.from(token)).setProtectedHeader({ ...usual, ...header }).encrypt(key)
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

  it('seals in a form that does not change: AES-256-GCM under a derived key, bound to the record', async () => {
    const [header = '', encryptedKey, iv = '', text = '', tag = ''] = (await vault.seal('r', token)).split('.')
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).to.deep.equal({
      alg: 'dir',
      enc: 'A256GCM',
      kid: derived('key id', 6).toString('base64url'),
      record: digestOf('r'),
    })
    expect(encryptedKey).to.equal('')
    const opening = createDecipheriv('aes-256-gcm', derived('A256GCM', 32), Buffer.from(iv, 'base64url'))
    opening.setAAD(Buffer.from(header)).setAuthTag(Buffer.from(tag, 'base64url'))
    const bytes = Buffer.concat([opening.update(Buffer.from(text, 'base64url')), opening.final()])
    expect(bytes.toString()).to.equal(token)
  })

  it('opens no other form, though it is sealed with the right key', async () => {
    expect(await vault.open('r', await sealedOtherwise({}))).to.equal(token)
    for (const header of [{ enc: 'A128CBC-HS256' }, { alg: 'A256KW' }, { alg: 'A256GCMKW' }]) {
      const error = await openError(vault, 'r', await sealedOtherwise(header))
      expect(error, JSON.stringify(header))
        .to.be.instanceOf(VaultError)
        .with.property('message')
        .that.includes('damaged')
    }
    for (const record of ['', digestOf('s'), [digestOf('r')]]) {
      expect(await openError(vault, 'r', await sealedOtherwise({ record }))).to.be.instanceOf(VaultError)
    }
  })

  it('does not open for another record', async () => {
    const sealed = await vault.seal('binding:alice', token)
    expect(await openError(vault, 'binding:bob', sealed))
      .to.be.instanceOf(VaultError)
      .with.property('message', 'The value was sealed for another record')
  })

  it('knows what the newest key sealed, for any record, and what it did not', async () => {
    const during = createVault({ keys: [newKey, oldKey] })
    expect(during.isNewest(await during.seal('r', token))).to.equal(true)
    expect(during.isNewest(await createVault({ keys: [oldKey] }).seal('r', token))).to.equal(false)
    for (const garbage of ['', 'token', '....', 'eyJhbGciOiJub25lIn0.e30.']) {
      expect(during.isNewest(garbage), garbage).to.equal(false)
    }
  })

  it('says why a value does not open, and of one that is damaged what broke', async () => {
    const old = await createVault({ keys: [oldKey] }).seal('r', token)
    const lost = (await openError(vault, 'r', old)) as Error
    expect([lost.message, lost.cause]).to.deep.equal([
      'The value was sealed with a key that is not in the list',
      undefined,
    ])
    const sealed = await vault.seal('r', token)
    const damaged = (await openError(vault, 'r', `${sealed.slice(0, -5)}AAAAA`)) as Error
    expect(damaged.message).to.equal('The sealed value is damaged')
    expect(damaged.cause).to.be.an('error').with.property('code', 'ERR_JWE_DECRYPTION_FAILED')
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

  it('decrypts what it has sealed or opened before no second time, and what it has not, once', async () => {
    const decrypt = sinon.spy(crypto.subtle, 'decrypt')
    try {
      const vault = createVault({ keys: [newKey] })
      const own = await vault.seal('r', token)
      expect(await vault.open('r', own)).to.equal(token)
      expect(decrypt.callCount).to.equal(0)
      const foreign = await createVault({ keys: [newKey] }).seal('r', token)
      expect([await vault.open('r', foreign), await vault.open('r', foreign)]).to.deep.equal([token, token])
      expect(decrypt.callCount).to.equal(1)
    } finally {
      decrypt.restore()
    }
  })

  it('still opens a value that it has pushed out of its memory', async () => {
    const small = createVault({ keys: [newKey], maxOpenedValues: 2 })
    const sealed = await Promise.all(['a', 'b', 'c', 'd'].map((name) => small.seal(name, `token of ${name}`)))
    expect(await small.open('a', sealed[0] ?? '')).to.equal('token of a')
  })

  it('refuses to be made without a key, or with one that is too short', () => {
    expect(() => createVault({ keys: [] })).to.throw(TypeError, 'at least one')
    expect(() => createVault({ keys: [newKey, 'fifteen letters'] })).to.throw(TypeError, 'at least 16')
    expect(() => createVault({ keys: ['sixteen letters!'] })).not.to.throw()
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
