import { createPublicKey } from 'node:crypto'
import { tokenStringToSign, verifyAsymmetric } from '../doku/signature.ts'
import type { Finding } from './finding.ts'
import { dokuKeysOf, type Given, privateKeyOf } from './given.ts'
import type { Captured } from './what-was-signed.ts'

/** DOKU's request for a token of ours, which comes before a notification. @see protocol.md §7.1 */
export function isTokenRequest({ headers }: Captured): boolean {
  return headers['x-client-key'] !== undefined && headers['x-partner-id'] === undefined
}

export function clientKeyFinding({ headers }: Captured, clientId: string): Finding {
  const check = 'client'
  const clientKey = headers['x-client-key']
  if (clientKey === clientId) return { check, status: 'ok', says: `X-CLIENT-KEY is ${clientId}` }
  const says = `X-CLIENT-KEY is ${clientKey}, and clientId is ${clientId}`
  return {
    check,
    status: 'failed',
    says,
    fix: 'the sandbox and production have different Client IDs, and this is of another one',
  }
}

/** Whose key has signed `X-CLIENT-KEY|X-TIMESTAMP`. */
export function tokenSignatureFinding({ headers }: Captured, given: Given): Finding {
  const check = 'signature'
  const text = tokenStringToSign(headers['x-client-key'] ?? '', headers['x-timestamp'] ?? '')
  const isOf = (key: Parameters<typeof verifyAsymmetric>[1]) =>
    verifyAsymmetric(text, key, headers['x-signature'] ?? '')
  if (dokuKeysOf(given).some(isOf)) return { check, status: 'ok', says: 'DOKU’s key has signed it' }
  if (given.options.privateKey !== undefined && isOf(createPublicKey(privateKeyOf(given)))) {
    const says = 'the merchant’s own key has signed it'
    return { check, status: 'failed', says, fix: 'whoever sent this has the merchant’s private key, and is not DOKU' }
  }
  const says = 'dokuPublicKey is not the key that has signed it'
  const fix = 'copy the DOKU Public Key again, from the dashboard of the same environment (Settings › API Keys › SNAP)'
  return { check, status: 'failed', says, fix }
}
