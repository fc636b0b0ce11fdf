import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import type { Clock } from '../primitives/clock.ts'
import { systemRandomBytes } from '../primitives/ids.ts'

/** OVO's page is about linking or about a payment. */
export type ReturnPurpose = 'binding' | 'payment'

/** The address that OVO's page chose. It proves nothing. */
export type ReturnOutcome = 'success' | 'failed'

/** The payment or binding whose page the browser comes from. */
export interface ReturnSubject {
  readonly customerId: string
  /** A payment's partnerReferenceNo, or the externalId of a binding: the customer may have started another one since. */
  readonly reference: string
}

/** How long an address is valid, in ms. Longer than OVO's pages stay open. */
const lifeMs = 24 * 60 * 60_000
const cipher = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16
const separator = '\n'

/**
 * The addresses to which OVO's pages send the browser back. Each carries its subject, encrypted and authenticated for
 * its purpose. So nobody can read, make or change one, and the storage keeps none. A browser that comes back proves
 * nothing all the same.
 */
export class ReturnStates {
  readonly #publicUrl: string
  readonly #newestKey: Uint8Array
  readonly #keys: readonly Uint8Array[]
  readonly #clock: Clock

  /** @param secretKeys the first one seals; every one opens */
  constructor(publicUrl: string, secretKeys: readonly [string, ...string[]], clientId: string, clock: Clock) {
    const info = 'express-doku-ovo return state'
    const derive = (secretKey: string) => new Uint8Array(hkdfSync('sha256', secretKey, clientId, info, 32))
    this.#publicUrl = publicUrl
    this.#newestKey = derive(secretKeys[0])
    this.#keys = secretKeys.map(derive)
    this.#clock = clock
  }

  /** The two addresses of one binding or payment. */
  urls(purpose: ReturnPurpose, { customerId, reference }: ReturnSubject): Record<ReturnOutcome, string> {
    const expiresAt = Math.floor(this.#clock() + lifeMs).toString(36)
    const state = this.#seal(purpose, [expiresAt, reference, customerId].join(separator))
    const url = (outcome: ReturnOutcome) => `${this.#publicUrl}/return/${purpose}/${state}/${outcome}`
    return { success: url('success'), failed: url('failed') }
  }

  /** @returns undefined if we did not write it, wrote it for another purpose, or wrote it more than `lifeMs` ago */
  open(purpose: ReturnPurpose, state: string): ReturnSubject | undefined {
    const bytes = Buffer.from(state, 'base64url')
    // Several texts of Base64 mean the same bytes. Only the text that we wrote counts.
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
