import fc from 'fast-check'

/** What somebody sends who wants to crash, fill or stop a process. Everything fits into the 32 KiB that are read. */

const long = 32_000
const repeat = (unit: string) => unit.repeat(Math.floor(long / unit.length))

/** Long texts that are hard on a regular expression which can go back on what it has taken. */
const hardOnRegExps = [
  ...['0', '+62', '62', '0 8', '( ', '8-', '.', ' ', '-', '62 62', '+'].map(repeat),
  ...['a@', 'a.', 'a@a.', '@', '"@', 'a+', '-.'].map(repeat),
  ...['9', '2026', 'T', '2026-01-01T', ':', '0.', ',', '+0', '+07:0'].map(repeat),
  ...['eyJ-', 'eyJ.', 'basic ', 'Bearer ', 'Bearer a', '=', 'a=', '/', '~', 'a/b+'].map(repeat),
  ...['\\', '\\"', '"', '\\u', '\u0000', '\ud800', 'é', '𝒳', '\t', '\r\n'].map(repeat),
  ...['A', '_', '.', '-', '$', '%', '<', '{', '['].map(repeat),
  `0${'8'.repeat(long)}x`,
  `08${' '.repeat(30)}x`,
  `Bearer ${'a'.repeat(long)}${'='.repeat(200)}!`,
  `2026-01-02T03:04:05.${'9'.repeat(long)}Z`,
  `${'a'.repeat(40)}@${'a-'.repeat(15_000)}`,
  `application/json${' '.repeat(long)}x`,
]

const names = [
  'phoneNo',
  'customerName',
  'email',
  'idCard',
  'country',
  'address',
  'dateOfBirth',
  'orderId',
  'payMethod',
].concat(
  [
    'amount',
    'reason',
    'partnerRefundNo',
    'originalPartnerReferenceNo',
    'latestTransactionStatus',
    'additionalInfo',
    'value',
  ],
  [
    'grantType',
    'custIdMerchant',
    'authCode',
    'status',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'then',
    'length',
    '',
  ],
)

const good = [
  '081200000001',
  'Siti',
  'a@b.co',
  '19900101',
  'order-1',
  'CASH',
  '10000.00',
  'IDR',
  'INV-0008',
  '00',
  'SUCCESS',
  'alice',
]

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 60, arbitrary: fc.constantFrom(...good) },
  { weight: 60, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 30, arbitrary: fc.string({ unit: fc.constantFrom(...'0628+-() .@aT:Z=,e_'), maxLength: 300 }) },
  { weight: 1, arbitrary: fc.constantFrom(...hardOnRegExps) },
)

const name = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: hostileText })
const leaf = fc.oneof(
  hostileText,
  fc.constantFrom(null, true, 0, -0, 1e308, 1.5),
  fc.constantFrom([], {}, [null], [['']]),
)
const pair = fc.tuple(
  name,
  fc.oneof({ weight: 4, arbitrary: leaf }, { weight: 1, arbitrary: fc.array(leaf, { maxLength: 4 }) }),
)

/** An object of fields that mean something here, and of some that should not; a name may be there twice. */
const fields = fc.array(pair, { maxLength: 8 }).map((pairs) => {
  const members = pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
  return `{${members.join()}}`
})

/** Whole numbers are kept in a table of their own: multiples of a power of two are to meet in one place of it. */
const colliding = (step: number) => Array.from({ length: 2500 }, (_, index) => `"${index * step}":0`).join()

const structures = [
  ...[10, 16, 17, 100, 8000].flatMap((depth) => [
    '['.repeat(depth) + ']'.repeat(depth),
    `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
  ]),
  ...['['.repeat(long), '{"a":'.repeat(6000), '[{'.repeat(10_000), '"'.repeat(long), '{'.repeat(long)],
  ...[1, 64, 65_536, 1_048_576].map((step) => `{${colliding(step)}}`),
  `{${Array.from({ length: 3000 }, (_, index) => `"k${index}":0`).join()}}`,
  `{${'"a":0,'.repeat(5000)}"a":0}`,
  `{"orderId":"${'x'.repeat(long)}"}`,
  `[${'0,'.repeat(15_000)}0]`,
  `{"orderId":${'9'.repeat(long)}}`,
  `{"a":1e${'9'.repeat(1000)}}`,
  `{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}`,
  `{"\\u005f_proto__":{"isAdmin":true}}`,
  `\ufeff{}`,
  `{"a":"\ud800"}`,
]

const cut = fc.tuple(fields, fc.nat({ max: 400 })).map(([text, length]) => text.slice(0, length))

export const hostileBody: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 120, arbitrary: fields.map((text) => Buffer.from(text)) },
  { weight: 20, arbitrary: fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text)) },
  { weight: 20, arbitrary: cut.map((text) => Buffer.from(text)) },
  { weight: 20, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.constantFrom(...structures).map((text) => Buffer.from(text).subarray(0, 32 * 1024)) },
)
