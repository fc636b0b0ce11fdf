import { generateKeyPairSync } from 'node:crypto'
import type { Merchant } from '../host/messages.ts'

export interface Keys {
  readonly merchant: Merchant
  readonly merchantPublicKey: string
  readonly dokuPrivateKey: string
}

const pair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })

export function createKeys(): Keys {
  const [merchant, doku] = [pair(), pair()]
  return {
    merchant: {
      clientId: 'BRN-0001-crash',
      secretKey: 'SK-crash-not-a-real-secret',
      privateKey: merchant.privateKey,
      dokuPublicKey: doku.publicKey,
    },
    merchantPublicKey: merchant.publicKey,
    dokuPrivateKey: doku.privateKey,
  }
}
