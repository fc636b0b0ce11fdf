import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import type { Clock } from '../primitives/clock.ts'
import { systemRandomBytes } from '../primitives/ids.ts'

/** From what the browser comes back. */
export type ReturnPurpose = 'binding' | 'payment'
export type ReturnOutcome = 'success' | 'failed'

/** What a browser comes back from. */
export interface ReturnSubject {
  readonly customerId: string
  /** A payment's partnerReferenceNo, or the externalId of one binding: the customer may have begun another since. */
  readonly reference: string
}

/** Longer than any of OVO's pages stays open. */
const lifeMs = 24 * 60 * 60_000
const cipher = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16
const separator = '\n'

/**
 * The addresses to which OVO's pages send the browser back. Each carries what it is about, encrypted and authenticated
 * for its purpose, so that nobody can read one, make one up or turn one into another, and none has to be stored. Coming
 * back proves nothing all the same.
 */
export class ReturnStates {
  readonly #publicUrl: string
  readonly #newestKey: Uint8Array
  readonly #keys: readonly Uint8Array[]
  readonly #clock: Clock

  /** The first of the secret keys seals, all open. */
  constructor(publicUrl: string, secretKeys: readonly [string, ...string[]], clientId: string, clock: Clock) {
    const info = 'express-doku-ovo return state'
    const derive = (secretKey: string) => new Uint8Array(hkdfSync('sha256', secretKey, clientId, info, 32))
    this.#publicUrl = publicUrl
    this.#newestKey = derive(secretKeys[0])
    this.#keys = secretKeys.map(derive)
    this.#clock = clock
  }

  /** The two addresses for one binding or payment. */
  urls(purpose: ReturnPurpose, { customerId, reference }: ReturnSubject): Record<ReturnOutcome, string> {
    const expiresAt = Math.floor(this.#clock() + lifeMs).toString(36)
    const state = this.#seal(purpose, [expiresAt, reference, customerId].join(separator))
    const url = (outcome: ReturnOutcome) => `${this.#publicUrl}/return/${purpose}/${state}/${outcome}`
    return { success: url('success'), failed: url('failed') }
  }

  /** What it is about; `undefined` for what we did not write, wrote for another purpose, or wrote too long ago. */
  open(purpose: ReturnPurpose, state: string): ReturnSubject | undefined {
    const bytes = Buffer.from(state, 'base64url')
    // Base64 can be written in several ways; ours is the one that we wrote.
    if (bytes.length <= nonceBytes + tagBytes || bytes.toString('base64url') !== state) return undefined
    for (const key of this.#keys) {
      const text = decrypt(key, purpose, bytes)
      if (text !== undefined) return this.#read(text)
    }
    return undefined
  }

  #read(text: string): ReturnSubject | undefined {
    const [expiresAt = '', reference = '', ...customerId] = text.split(separator)
    if (this.#clock() >= Number.parseInt(expiresAt, 36)) return undefined
    return { reference, customerId: customerId.join(separator) }
  }

  #seal(purpose: ReturnPurpose, text: string): string {
    const nonce = systemRandomBytes(nonceBytes)
    const sealing = createCipheriv(cipher, this.#newestKey, nonce).setAAD(Buffer.from(purpose))
    return Buffer.concat([nonce, sealing.update(text), sealing.final(), sealing.getAuthTag()]).toString('base64url')
  }
}

function decrypt(key: Uint8Array, purpose: ReturnPurpose, bytes: Buffer): string | undefined {
  const opening = createDecipheriv(cipher, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
  opening.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(-tagBytes))
  try {
    return Buffer.concat([opening.update(bytes.subarray(nonceBytes, -tagBytes)), opening.final()]).toString()
  } catch {
    return undefined
  }
}
