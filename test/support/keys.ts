import { generateKeyPairSync } from 'node:crypto'

const pair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })

/** Made once per test run: the merchant's pair, and DOKU's. */
export const merchantKeys = pair()
export const dokuKeys = pair()

export const clientId = 'BRN-0001-test'
export const secretKey = 'SK-test-not-a-real-secret'
