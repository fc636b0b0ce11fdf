import { generateKeyPairSync, hkdfSync, sign } from 'node:crypto'
import type { Random } from '../simulation/engine/random.ts'
import { clientId, dokuKeys, merchantKeys, secretKey } from '../support/keys.ts'
import { bearerClaims, bearerHeader, bearerKey, draft, jwt, type Kind, oldBearerKey, request } from './genuine.ts'
import type { Trick } from './mutant.ts'

/** Bearers that we did not issue, in notifications whose signature fits: the bearer alone has to stop them. */

const attacker = Buffer.alloc(32, 7)
const attackerPair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const attackerPem = attackerPair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const right = bearerKey()
const claims = bearerClaims()
const { exp: _exp, ...noExp } = claims
const { iat: _iat, ...noIat } = claims
const { jti: _jti, ...noJti } = claims
const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const jwk = { kty: 'oct', k: attacker.toString('base64url'), alg: 'HS256', kid: 'x' }
const genuine = () => jwt(bearerHeader, claims, right)
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const flipLast = (text: string) => text.slice(0, -1) + letters.charAt(letters.indexOf(text.slice(-1)) ^ 1)

function rs256(): string {
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`
  return `${text}.${sign('sha256', Buffer.from(text), attackerPair.privateKey).toString('base64url')}`
}

const bearers: Readonly<Record<string, (random: Random) => string>> = {
  'alg none': () => `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`,
  'alg None, signature kept': (random) => {
    const alg = random.pick(['none', 'None', 'NONE', 'nOnE', '', 'HS1'])
    return `${part({ alg, typ: 'JWT' })}.${part(claims)}.${genuine().split('.')[2]}`
  },
  HS512: () => jwt({ alg: 'HS512', typ: 'JWT' }, claims, right, 'sha512'),
  HS384: () => jwt({ alg: 'HS384', typ: 'JWT' }, claims, right, 'sha384'),
  RS256: rs256,
  'an alg that lies': () => jwt({ alg: 'RS256', typ: 'JWT' }, claims, right),
  'no exp': () => jwt(bearerHeader, noExp, right),
  'no iat': () => jwt(bearerHeader, noIat, right),
  'no jti': () => jwt(bearerHeader, noJti, right),
  expired: (random) => jwt(bearerHeader, { ...claims, exp: claims.iat - random.between(0, 1000) }, right),
  'an odd exp': (random) => {
    const exp = random.pick<unknown>(['9999999999', null, [], {}, true, -Number.MAX_VALUE, [9_999_999_999]])
    return jwt(bearerHeader, { ...claims, exp }, right)
  },
  'not yet': (random) => jwt(bearerHeader, { ...claims, nbf: claims.iat + random.between(1, 1000) }, right),
  'another issuer': () => jwt(bearerHeader, { ...claims, iss: 'BRN-other' }, right),
  'another audience': (random) =>
    jwt(bearerHeader, { ...claims, aud: random.pick(['doku', '', 'DOKU-NOTIFICATION']) }, right),
  'another type': (random) => jwt({ alg: 'HS256', typ: random.pick(['JOSE', 'at+jwt', '']) }, claims, right),
  'no type': () => jwt({ alg: 'HS256' }, claims, right),
  'another key': (random) =>
    jwt(bearerHeader, claims, Buffer.from(Array.from({ length: 32 }, () => random.between(0, 255)))),
  'an empty key': () => jwt(bearerHeader, claims, Buffer.alloc(0)),
  'the key that the secret key made in versions up to 0.1.0': () => jwt(bearerHeader, claims, oldBearerKey()),
  'the secret itself': () => jwt(bearerHeader, claims, Buffer.from(secretKey)),
  'the public key': () => jwt(bearerHeader, claims, Buffer.from(dokuKeys.publicKey)),
  'the key for something else': () =>
    jwt(
      bearerHeader,
      claims,
      Buffer.from(hkdfSync('sha256', secretKey, clientId, 'express-doku-ovo return state', 32)),
    ),
  'another merchant’s key': () => jwt(bearerHeader, claims, bearerKey(attackerPem)),
  'another merchant’s': () =>
    jwt(bearerHeader, bearerClaims('BRN-other'), bearerKey(merchantKeys.privateKey, 'BRN-other')),
  jwk: () => jwt({ ...bearerHeader, jwk }, claims, attacker),
  jku: () => jwt({ ...bearerHeader, jku: 'https://attacker.example/jwks.json', kid: 'x' }, claims, attacker),
  x5u: () => jwt({ ...bearerHeader, x5u: 'https://attacker.example/x.pem', x5c: ['AAAA'] }, claims, attacker),
  kid: (random) =>
    jwt({ ...bearerHeader, kid: random.pick(['../../dev/null', "' OR 1=1 --", '0', '']) }, claims, attacker),
  crit: (random) => jwt({ ...bearerHeader, crit: [random.pick(['exp', 'x', 'kid'])], x: 1, kid: 'x' }, claims, right),
  b64: () => jwt({ ...bearerHeader, b64: false, crit: ['b64'] }, claims, right),
  'spare bits of the signature': () => flipLast(genuine()),
  padding: () => `${genuine()}=`,
  'standard Base64': () => genuine().replaceAll('-', '+').replaceAll('_', '/').concat('=='),
  'four parts': () => `${genuine()}.x`,
  'two parts': () => genuine().split('.').slice(0, 2).join('.'),
  'an encrypted one': () => `${part({ alg: 'dir', enc: 'A256GCM' })}..${part('x')}.${part('y')}.${part('z')}`,
  'claims that are a list': () => jwt(bearerHeader, [claims], right),
  nothing: () => '',
  'a word': (random) => random.pick(['null', 'undefined', 'true', '.', '..', '...', 'e30.e30.', 'x'.repeat(5000)]),
  'a changed character': (random) => {
    const token = genuine()
    const at = random.between(0, token.length - 1)
    const letter = letters.charAt(random.between(0, 63))
    return token[at] === letter ? `${token}A` : token.slice(0, at) + letter + token.slice(at + 1)
  },
}

export const forgeBearer: Trick = (random) => {
  const kind = random.pick<Kind>(['payment', 'binding'])
  const [name, make] = random.pick(Object.entries(bearers) as [[string, (random: Random) => string], ...[]])
  return { kind, trick: `bearer: ${name}`, request: request(kind, draft(kind, { token: make(random) })) }
}
