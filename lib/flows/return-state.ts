import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../primitives/clock.ts'

/** From what the browser comes back. */
export type ReturnPurpose = 'binding' | 'payment'
export type ReturnOutcome = 'success' | 'failed'

/** Longer than any of OVO's pages stays open. */
const lifeMs = 24 * 60 * 60_000
const macBytes = 18

/**
 * The addresses to which OVO's pages send the browser back. Each carries what it is about, sealed with a MAC, so that
 * nobody can make one up or turn one into another, and none has to be stored. Coming back proves nothing all the same.
 */
export class ReturnStates {
  readonly #publicUrl: string
  readonly #key: Uint8Array
  readonly #clock: Clock

  constructor(publicUrl: string, secretKey: string, clientId: string, clock: Clock) {
    this.#publicUrl = publicUrl
    this.#key = new Uint8Array(hkdfSync('sha256', secretKey, clientId, 'express-doku-ovo return state', 32))
    this.#clock = clock
  }

  /** The two addresses for one binding (`subject`: the customer's id) or payment (`subject`: the partnerReferenceNo). */
  urls(purpose: ReturnPurpose, subject: string): Record<ReturnOutcome, string> {
    const expiresAt = Math.floor(this.#clock() + lifeMs).toString(36)
    const text = Buffer.from(`${expiresAt}.${subject}`).toString('base64url')
    const state = `${text}.${this.#mac(purpose, text).toString('base64url')}`
    const url = (outcome: ReturnOutcome) => `${this.#publicUrl}/return/${purpose}/${state}/${outcome}`
    return { success: url('success'), failed: url('failed') }
  }

  /** The subject; `undefined` for what we did not write, wrote for another purpose, or wrote too long ago. */
  open(purpose: ReturnPurpose, state: string): string | undefined {
    const [text = '', mac = ''] = state.split('.')
    const given = Buffer.from(mac, 'base64url')
    if (given.length !== macBytes || !timingSafeEqual(given, this.#mac(purpose, text))) return undefined
    const [expiresAt = '', ...subject] = Buffer.from(text, 'base64url').toString().split('.')
    return this.#clock() < Number.parseInt(expiresAt, 36) ? subject.join('.') : undefined
  }

  #mac(purpose: ReturnPurpose, text: string): Buffer {
    return createHmac('sha256', this.#key).update(`${purpose}.${text}`).digest().subarray(0, macBytes)
  }
}
