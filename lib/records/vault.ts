import { hash, hkdfSync } from 'node:crypto'
import { decodeProtectedHeader } from 'jose/decode/protected_header'
import { compactDecrypt } from 'jose/jwe/compact/decrypt'
import { CompactEncrypt } from 'jose/jwe/compact/encrypt'
import { DokuOvoError } from '../errors.ts'
import { BoundedMap } from '../primitives/bounded-map.ts'

/** A sealed value does not open: it was changed, it belongs to another record, or its key is no longer in the list. */
export class VaultError extends DokuOvoError {
  readonly code = 'SEALED_VALUE_UNREADABLE'
}

/** Encrypts secrets before they reach the storage. A value sealed for one record opens for that record only. */
export interface Vault {
  /** Resolves to a compact JWE, a new one at each call. `recordKey` is the key of the record that will hold it. */
  seal(recordKey: string, plaintext: string): Promise<string>
  /** Resolves to the plaintext. Rejects with `VaultError` unless one of the keys sealed it for this record. */
  open(recordKey: string, sealed: string): Promise<string>
  /** Returns true if it names the newest key. If not, seal it again the next time that its record is written. */
  isNewest(sealed: string): boolean
}

export interface VaultOptions {
  /**
   * Any strings of at least 16 characters; use 32 random bytes as base64. The first one encrypts, all of them decrypt. To
   * rotate, put the new key in front, and remove the old one after all values that it sealed were sealed again.
   */
  readonly keys: readonly string[]
  /**
   * How many opened values stay in this process's memory, because opening one takes about 50 us. They are plaintext, as
   * they are during each use. 0 keeps none. Default: 1000.
   */
  readonly maxOpenedValues?: number
}

interface VaultKey {
  /** Names the key without revealing anything about it. */
  readonly id: string
  readonly secret: Uint8Array
}

/** Our member of the protected header: SHA-256 of the record's key. Authenticated, like the whole header. */
const recordMember = 'record'

/** @throws TypeError if there is no key, or if one is too short */
export function createVault({ keys, maxOpenedValues = 1000 }: VaultOptions): Vault {
  const derived = keys.map(deriveKey)
  const [sealingKey] = derived
  if (!sealingKey) throw new TypeError('The vault needs at least one encryption key')
  const openingKeys = new Map(derived.map((key) => [key.id, key]))
  /** By sealed value. */
  const opened = new BoundedMap<{ readonly recordKey: string; readonly plaintext: string }>(maxOpenedValues)

  return {
    async seal(recordKey, plaintext) {
      const sealed = await encrypt(sealingKey, recordKey, plaintext)
      opened.set(sealed, { recordKey, plaintext })
      return sealed
    },
    async open(recordKey, sealed) {
      const known = opened.get(sealed)
      if (known?.recordKey === recordKey) return known.plaintext
      const plaintext = await decrypt(openingKeys, recordKey, sealed)
      opened.set(sealed, { recordKey, plaintext })
      return plaintext
    },
    isNewest: (sealed) => keyIdOf(sealed) === sealingKey.id,
  }
}

function encrypt(key: VaultKey, recordKey: string, plaintext: string): Promise<string> {
  return new CompactEncrypt(Buffer.from(plaintext))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: key.id, [recordMember]: digest(recordKey) })
    .encrypt(key.secret)
}

async function decrypt(keys: ReadonlyMap<string, VaultKey>, recordKey: string, sealed: string): Promise<string> {
  try {
    const key = keys.get(keyIdOf(sealed) ?? '')
    if (!key) throw new VaultError('The value was sealed with a key that is not in the list')
    const { plaintext, protectedHeader } = await compactDecrypt(sealed, key.secret, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    })
    if (protectedHeader[recordMember] === digest(recordKey)) return Buffer.from(plaintext).toString()
    throw new VaultError('The value was sealed for another record')
  } catch (error) {
    if (error instanceof VaultError) throw error
    throw new VaultError('The sealed value is damaged', { cause: error })
  }
}

/** The key id that the value names, not proven until it opens. @returns undefined if it is no JWE */
function keyIdOf(sealed: string): string | undefined {
  try {
    return String(decodeProtectedHeader(sealed).kid)
  } catch {
    return undefined
  }
}

function digest(recordKey: string): string {
  return hash('sha256', recordKey, 'base64url')
}

/**
 * HKDF-SHA256 without a salt: the same string must give the same key in every process. It spreads the string's entropy and
 * separates this use from other uses of the string. It does not make a guessable string safe.
 */
function deriveKey(text: string): VaultKey {
  if (text.length < 16) throw new TypeError('An encryption key needs at least 16 characters')
  const derive = (label: string, bytes: number) =>
    hkdfSync('sha256', text, '', `express-doku-ovo vault v1 ${label}`, bytes)
  return {
    id: Buffer.from(derive('key id', 6)).toString('base64url'),
    secret: new Uint8Array(derive('A256GCM', 32)),
  }
}
