import { createHash, createHmac, hkdfSync, sign } from 'node:crypto'
import type { InboundRequest } from '../../lib/doku/inbound.ts'
import { clientId, dokuKeys, merchantKeys, secretKey } from '../support/keys.ts'
import { amount, authCode, now, reference } from './merchant.ts'

export type Kind = 'token' | 'payment' | 'binding'

/** A request of DOKU in parts that can be changed before or after it is signed. */
export interface Draft {
  readonly body: string
  readonly timestamp: string
  readonly secret: string
  readonly key: string
  readonly client: string
  readonly token: string
  readonly path: string
  /** What the signature covers in place of the body. */
  readonly signedBody?: string
}

const paths = { token: '/ovo/webhooks/token', notification: '/ovo/webhooks/notification' } as const

const bodies = {
  token: { grantType: 'client_credentials' },
  payment: {
    originalPartnerReferenceNo: reference,
    originalReferenceNo: 'doku-1',
    latestTransactionStatus: '00',
    transactionStatusDesc: 'success',
    amount: { value: amount, currency: 'IDR' },
    additionalInfo: { custIdMerchant: 'José  & Siti', channel: 'EMONEY_OVO_SNAP' },
  },
  binding: { originalExternalId: '2', additionalInfo: { status: 'SUCCESS', custIdMerchant: 'alice', authCode } },
} as const

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The key of our bearers, in this file's own words. */
export function bearerKey(privateKey = merchantKeys.privateKey, client = clientId): Buffer {
  const signed = sign('sha256', Buffer.from('express-doku-ovo\nkey of inbound tokens v1'), privateKey)
  return Buffer.from(hkdfSync('sha256', signed, client, 'express-doku-ovo inbound token', 32))
}

/** The key that versions up to 0.1.0 derived from the secret key: whoever knows that one must not be able to forge. */
export function oldBearerKey(secret = secretKey): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, clientId, 'express-doku-ovo inbound token', 32))
}

export const bearerHeader = { alg: 'HS256', typ: 'JWT' }

export function bearerClaims(client = clientId) {
  const iat = Math.floor(now / 1000)
  return { iss: client, aud: 'doku-notification', jti: 'a-jti', iat, exp: iat + 900 }
}

export function jwt(header: object, claims: object, key: Buffer, hash = 'sha256'): string {
  const text = `${part(header)}.${part(claims)}`
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`
}

export function draft(kind: Kind, changes: Partial<Draft> = {}): Draft {
  return {
    body: JSON.stringify(bodies[kind]),
    timestamp: '2026-03-01T05:00:00Z',
    secret: secretKey,
    key: dokuKeys.privateKey,
    client: clientId,
    token: jwt(bearerHeader, bearerClaims(), bearerKey()),
    path: kind === 'token' ? paths.token : paths.notification,
    ...changes,
  }
}

function signatureOf(kind: Kind, { body, signedBody, timestamp, secret, key, client, token, path }: Draft): string {
  if (kind === 'token') return sign('sha256', Buffer.from(`${client}|${timestamp}`), key).toString('base64')
  const digest = createHash('sha256')
    .update(signedBody ?? body)
    .digest('hex')
  return createHmac('sha512', secret).update(`POST:${path}:${token}:${digest}:${timestamp}`).digest('base64')
}

/** The request as DOKU sends it, signed in this file's own words. */
export function request(kind: Kind, from: Draft = draft(kind)): InboundRequest {
  const headers = {
    'content-type': 'application/json',
    'x-timestamp': from.timestamp,
    'x-signature': signatureOf(kind, from),
    ...(kind === 'token'
      ? { 'x-client-key': from.client }
      : { authorization: `Bearer ${from.token}`, 'x-partner-id': from.client, 'x-external-id': '4711' }),
  }
  return { headers, body: Buffer.from(from.body), path: from.path }
}

export const routeOf = (kind: Kind) => (kind === 'token' ? 'token' : 'notification')
