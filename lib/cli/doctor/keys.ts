import { createPublicKey, type KeyObject } from 'node:crypto'
import { parsePublicKey } from '../../doku/keys.ts'
import type { Settings } from '../../options/options.ts'
import type { Finding } from '../command.ts'
import { fingerprintOf } from '../io.ts'

/** Shows which keys are used, and whether the uploaded key belongs to the private key. The options check kind and size. */
export function checkKeys(
  { privateKey, dokuPublicKeys, secretKeys }: Settings,
  uploadedKey: string | undefined,
): Finding[] {
  const own = createPublicKey(privateKey)
  const bits = (key: KeyObject) => key.asymmetricKeyDetails?.modulusLength
  const check = 'private key'
  const findings: Finding[] = [
    {
      check,
      status: 'ok',
      says: `RSA, ${bits(privateKey)} bits; its public half has the fingerprint ${fingerprintOf(own)}`,
    },
    ...(uploadedKey === undefined ? [] : [checkUploaded(own, uploadedKey)]),
    ...dokuPublicKeys.map((key): Finding => {
      return { check: 'DOKU’s key', status: 'ok', says: `RSA, ${bits(key)} bits, fingerprint ${fingerprintOf(key)}` }
    }),
    ...secretKeys.flatMap(checkSecret),
  ]
  return findings
}

function checkUploaded(own: KeyObject, uploadedKey: string): Finding {
  const check = 'public key'
  try {
    const uploaded = parsePublicKey(uploadedKey)
    if (uploaded.equals(own)) return { check, status: 'ok', says: 'it belongs to the private key' }
    const says = `it does not belong to the private key: its fingerprint is ${fingerprintOf(uploaded)}`
    return {
      check,
      status: 'failed',
      says,
      fix: 'upload the public half of privateKey as Merchant Public Key, or use the private key that belongs to this one',
    }
  } catch (error) {
    return {
      check,
      status: 'failed',
      says: (error as Error).message,
      fix: 'give the file doku-public.pem that keygen wrote',
    }
  }
}

/** A secret that was copied with a line end is a different secret. */
function checkSecret(secretKey: string): Finding[] {
  if (secretKey.trim() === secretKey) return []
  const says = 'it begins or ends with a blank or a line end'
  return [
    {
      check: 'secret key',
      status: 'failed',
      says,
      fix: 'copy it again from the dashboard: Settings › API Keys › Secret Key',
    },
  ]
}
