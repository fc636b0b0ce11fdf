import { expect } from 'chai'
import fc from 'fast-check'
import { externalId, randomBase32, randomToken, randomUuid, systemRandomBytes } from '../../../lib/primitives/ids.ts'

const oneMillisecond = () => 1_700_000_000_000

describe('externalId', () => {
  it('makes 10,000 different ids within one millisecond', () => {
    expect(new Set(Array.from({ length: 10_000 }, () => externalId(oneMillisecond))).size).to.equal(10_000)
  })

  // Ids of one millisecond collide as seldom as numbers of 19 digits: of a million, two with a probability of 5 in 10^8.
  it('differs with each of the 128 random bits, and every number of 19 digits can come of them', () => {
    const numberOf = (bits: bigint) => {
      const bytes = Buffer.from(bits.toString(16).padStart(32, '0'), 'hex')
      return externalId(oneMillisecond, () => bytes).slice(13)
    }
    expect(new Set(Array.from({ length: 128 }, (_, bit) => numberOf(1n << BigInt(bit)))).size).to.equal(128)
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 19n - 1n }), (number) => {
        expect(numberOf(number)).to.equal(number.toString().padStart(19, '0'))
      }),
    )
  })

  it('is 32 digits, whatever the time and the random bytes', () => {
    const times = fc.oneof(
      fc.integer({ min: 0, max: 9_999_999_999_999 }),
      fc.double({ min: 0, max: 1e13, noNaN: true }),
    )
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 })
    fc.assert(
      fc.property(times, bytes, (time, random) => {
        return /^\d{32}$/.test(
          externalId(
            () => time,
            () => Buffer.from(random),
          ),
        )
      }),
    )
  })

  it('begins with the millisecond, so that ids sort by time', () => {
    expect(externalId(oneMillisecond)).to.match(/^1700000000000\d{19}$/)
    expect(externalId(() => 1_700_000_000_001) > externalId(oneMillisecond)).to.equal(true)
  })

  it('uses all the random bytes that it asks for', () => {
    const withLastByte = (byte: number) =>
      externalId(oneMillisecond, (size) => Buffer.alloc(size, 7).fill(byte, size - 1))
    expect(withLastByte(1)).not.to.equal(withLastByte(2))
  })
})

describe('randomToken', () => {
  it('is base64url of as many bytes as asked for', () => {
    expect(Buffer.from(randomToken(32), 'base64url')).to.have.length(32)
    expect(randomToken(32)).to.match(/^[\w-]{43}$/)
  })

  it('differs every time', () => {
    expect(new Set(Array.from({ length: 1000 }, () => randomToken(16))).size).to.equal(1000)
  })
})

describe('randomUuid', () => {
  it('is a UUID of version 4, whatever the random bytes, and differs with each of their bits that it has room for', () => {
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 })
    fc.assert(
      fc.property(bytes, (random) => {
        return /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(
          randomUuid(() => Buffer.from(random)),
        )
      }),
    )
    const withBit = (bit: number) => {
      const random = Buffer.alloc(16)
      random[bit >> 3] = 1 << (bit & 7)
      return randomUuid(() => random)
    }
    // 122 of the 128 bits are random, and none of them set is one more.
    expect(new Set(Array.from({ length: 128 }, (_, bit) => withBit(bit))).size).to.equal(123)
  })
})

describe('randomBase32', () => {
  it('has the length asked for and only letters that cannot be mistaken', () => {
    fc.assert(
      fc.property(fc.nat({ max: 64 }), (length) => {
        return new RegExp(`^[0-9A-HJKMNP-TV-Z]{${length}}$`).test(randomBase32(length))
      }),
    )
  })

  it('can make each of the 32 characters', () => {
    const allBytes = Buffer.from(Array.from({ length: 32 }, (_, value) => value))
    expect(new Set(randomBase32(32, () => allBytes)).size).to.equal(32)
  })
})

describe('systemRandomBytes', () => {
  it('gives as many as asked for, none, and more than it fetches at once', () => {
    for (const size of [0, 1, 16, 4095, 4096, 4097, 100_000]) expect(systemRandomBytes(size)).to.have.length(size)
  })

  const sizes = fc.array(fc.integer({ min: 8, max: 3000 }), { minLength: 20, maxLength: 60 })

  it('never hands out a byte twice', () => {
    const isApart = (one: Buffer, other: Buffer) =>
      one.buffer !== other.buffer ||
      one.byteOffset + one.length <= other.byteOffset ||
      other.byteOffset + other.length <= one.byteOffset
    fc.assert(
      fc.property(sizes, (wanted) => {
        const given = wanted.map((size) => systemRandomBytes(size))
        return given.every((one, index) => given.slice(index + 1).every((other) => isApart(one, other)))
      }),
      { numRuns: 20 },
    )
  })

  it('leaves alone what it has handed out', () => {
    fc.assert(
      fc.property(sizes, (wanted) => {
        const given = wanted.map((size) => {
          const bytes = systemRandomBytes(size)
          return { bytes, atOnce: bytes.toString('hex') }
        })
        return given.every(({ bytes, atOnce }) => bytes.toString('hex') === atOnce)
      }),
      { numRuns: 20 },
    )
  })
})
