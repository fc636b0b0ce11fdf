import type { Random } from '../simulation/engine/random.ts'
import { draft, request } from './genuine.ts'
import { amount, reference } from './merchant.ts'
import { genuineOf, type Trick, withBody } from './mutant.ts'

/** JSON that two readers could understand differently, and content that means something else than it seems to. */

type Spell = (text: string, random: Random) => string

const member = '"latestTransactionStatus":"00"'
/** Between two members of the outermost object. */
const anywhere = (text: string, random: Random, more: string) => {
  const commas = [...text.matchAll(/,"(?:original|latest|transaction|amount|additional)/g)].map(({ index }) => index)
  const at = commas[random.between(0, commas.length - 1)] ?? text.length - 1
  return `${text.slice(0, at)},${more}${text.slice(at)}`
}

const escaped = (text: string) => `\\u${text.charCodeAt(0).toString(16).padStart(4, '0')}${text.slice(1)}`

/** What is not signed may be spelt in any way and is refused all the same; what is signed, because it is ambiguous. */
const ambiguous: readonly [string, Spell][] = [
  [
    'a key twice',
    (text, random) => anywhere(text, random, random.pick([member, '"amount":{}', '"additionalInfo":{}'])),
  ],
  [
    'a key twice, once escaped',
    (text) => text.replace('"amount":', `"${escaped('amount')}":{"value":"1.00"},"amount":`),
  ],
  ['__proto__', (text, random) => anywhere(text, random, '"__proto__":{"latestTransactionStatus":"00"}')],
  ['__proto__, escaped', (text, random) => anywhere(text, random, '"\\u005f_proto__":{"isAdmin":true}')],
  ['a byte order mark', (text) => `\ufeff${text}`],
  ['a second value', (text) => `${text}{}`],
  ['single quotes', (text) => text.replaceAll('"', "'")],
  ['too deep', (text, random) => anywhere(text, random, `"deep":${'['.repeat(40)}${']'.repeat(40)}`)],
  ['too many keys', (text, random) => anywhere(text, random, `"many":{${manyKeys}}`)],
]
const manyKeys = Array.from({ length: 600 }, (_, index) => `"k${index}":0`).join()

/** The same to a JSON reader, but other bytes. */
const respelt: readonly [string, Spell][] = [
  ['an escape', (text) => text.replace('IDR', `${escaped('IDR')}`)],
  ['another order', (text) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse()))],
  ['another Unicode form', (text) => text.normalize('NFD')],
  ['a number spelt otherwise', (text) => text.replace('99000.00', '99000.0')],
  ['a field more', (text, random) => anywhere(text, random, `"x${random.between(0, 9999)}":1`)],
  ['another amount', (text, random) => text.replace('99000', String(random.between(1, 98_999)))],
  ['another reference', (text, random) => text.replace('0008', String(random.between(9, 9999)).padStart(4, '0'))],
  ['another customer', (text) => text.replace('Siti', 'Budi')],
  ['constructor', (text, random) => anywhere(text, random, '"constructor":{"prototype":{"x":1}}')],
]

const pickFrom = <T>(random: Random, list: readonly T[]) => random.pick(list as [T, ...T[]])

/** Under DOKU's signature of the original. */
export const respellBody: Trick = (random) => {
  const kind = 'payment'
  const [trick, spell] = pickFrom(random, [...ambiguous, ...respelt])
  const body = spell(genuineOf(kind).body.toString(), random)
  return { kind, trick: `unsigned: ${trick}`, request: withBody(kind, body) }
}

/** Under a right signature: whoever reads it otherwise than we do must not matter. */
export const signAmbiguous: Trick = (random) => {
  const [trick, spell] = pickFrom(random, ambiguous)
  const body = spell(draft('payment').body, random)
  return {
    kind: 'payment',
    trick: `signed: ${trick}`,
    request: request('payment', draft('payment', { body })),
    isSigned: true,
  }
}

const odd = [
  null,
  true,
  0,
  7,
  [],
  {},
  [reference],
  { value: reference },
  '',
  ' ',
  '__proto__',
  'constructor',
  'toString',
  '\u0000',
]
const oddAmounts = [
  '99000',
  '99000.0',
  '99000.000',
  '+99000.00',
  ' 99000.00',
  '9.9e4',
  '099000.00',
  '0x182B8',
  '٩٩٠٠٠.٠٠',
  '99,000.00',
]
const nearly = (text: string) => [
  `${text} `,
  ` ${text}`,
  text.toLowerCase(),
  `${text}\u0000`,
  text.replace('I', 'І'),
  `../${text}`,
]
const oddStatuses = ['0', '000', '08', '99', 'PAID', '00 ', '0\u0030\u200b', '-0', '0x0']

const contents: readonly [string, (random: Random) => object][] = [
  [
    'reference',
    (random) => ({ originalPartnerReferenceNo: pickFrom(random, [...odd, ...nearly(reference), 'A'.repeat(10_000)]) }),
  ],
  ['status', (random) => ({ latestTransactionStatus: pickFrom(random, [...odd, ...oddStatuses]) })],
  ['amount', (random) => ({ amount: pickFrom(random, [...odd, amount, { value: amount }, { currency: 'IDR' }]) })],
  [
    'amount.value',
    (random) => ({ amount: { value: pickFrom(random, [...odd, ...oddAmounts, '1.00', '99000.01']), currency: 'IDR' } }),
  ],
  [
    'amount.currency',
    (random) => ({ amount: { value: amount, currency: pickFrom(random, [...odd, 'idr', 'USD', 'IDR ']) } }),
  ],
]

/** A right signature over content that fits no payment. */
export const signOddContent: Trick = (random) => {
  const [field, change] = pickFrom(random, contents)
  const body = JSON.stringify({ ...JSON.parse(draft('payment').body), ...change(random) })
  return {
    kind: 'payment',
    trick: `signed: odd ${field}`,
    request: request('payment', draft('payment', { body })),
    isSigned: true,
  }
}

export const signOddBinding: Trick = (random) => {
  const field = random.pick(['status', 'custIdMerchant', 'authCode'])
  const plain = JSON.parse(draft('binding').body) as { additionalInfo: Record<string, unknown> }
  plain.additionalInfo[field] = pickFrom(random, [...odd, ...nearly(String(plain.additionalInfo[field])), 'PENDING'])
  const body = JSON.stringify(plain)
  return {
    kind: 'binding',
    trick: `signed: odd ${field}`,
    request: request('binding', draft('binding', { body })),
    isSigned: true,
  }
}
