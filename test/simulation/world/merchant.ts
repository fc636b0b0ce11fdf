import { generateKeyPairSync } from 'node:crypto'

/** Nobody here checks the signature, so the key is as small as it may be: signing costs the more the larger it is. */
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 512 })

export const merchant = { clientId: 'BRN-0001-simulation', secretKey: 'SK-simulation', privateKey } as const
