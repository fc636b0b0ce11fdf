import { expect } from 'chai'
import fc from 'fast-check'
import { minifyJson, parseJson } from '../../../lib/primitives/json.ts'

const minified = (text: string) => minifyJson(Buffer.from(text)).toString()
const whitespace = fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 3 })
/** Any JSON value, except that no object has the key that parseJson forbids. */
const jsonValue = fc.jsonValue({ maxDepth: 4, noUnicodeString: false }).filter((value) => !hasProto(value))
const hasProto = (value: unknown) => JSON.stringify(value).includes('"__proto__":')

/** A valid text with whitespace between tokens and escapes in strings, and the same text without that whitespace. */
const spacedJson = fc.tuple(jsonValue, fc.array(whitespace, { minLength: 1, maxLength: 8 })).map(([value, gaps]) => {
  const dense = JSON.stringify(value)
  let turn = 0
  const gap = () => gaps[turn++ % gaps.length] ?? ''
  const tokens = dense.match(/"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^[\]{}:,"]+/g) ?? []
  return { dense, spaced: gap() + tokens.map((token) => token + gap()).join('') }
})

describe('minifyJson', () => {
  it('removes exactly the whitespace between tokens', () => {
    fc.assert(fc.property(spacedJson, ({ dense, spaced }) => minified(spaced) === dense))
  })

  it('changes nothing that is already minimal', () => {
    fc.assert(fc.property(jsonValue, (value) => minified(JSON.stringify(value)) === JSON.stringify(value)))
  })

  it('keeps number literals and escapes as they were written', () => {
    const text = String.raw`{ "n" : 1.0 , "e" : 1E+2, "big": 12345678901234567890.10, "s" : "\u0041\/ \" \\" , "x":"a  b" }`
    const expected = String.raw`{"n":1.0,"e":1E+2,"big":12345678901234567890.10,"s":"\u0041\/ \" \\","x":"a  b"}`
    expect(minified(text)).to.equal(expected)
  })

  it('keeps other characters that look like whitespace, and the bytes of multi-byte characters', () => {
    const text = '{"a":"\u00a0\u2003🛵 é"}'
    expect(minified(text)).to.equal(text)
  })

  it('keeps a text that ends inside a string or an escape', () => {
    expect(minified('{ "a b')).to.equal('{"a b')
    expect(minified('{ "a \\')).to.equal('{"a \\')
    expect(minified('')).to.equal('')
  })

  it('leaves its input alone', () => {
    const input = Buffer.from('{ "a" : 1 }')
    minifyJson(input)
    expect(input.toString()).to.equal('{ "a" : 1 }')
  })
})

describe('parseJson', () => {
  it('reads every valid text as JSON.parse does', () => {
    fc.assert(
      fc.property(spacedJson, ({ spaced }) => {
        expect(parseJson(spaced)).to.deep.equal({ ok: true, value: JSON.parse(spaced) })
        expect(parseJson(Buffer.from(spaced)).ok).to.equal(true)
      }),
    )
  })

  it('refuses every text that JSON.parse refuses', () => {
    const tokens = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '"a"',
      '"\\',
      '1',
      'tru',
      'null',
      ' ',
      '\\u00',
      '-',
    )
    const texts = fc.oneof(fc.string({ unit: tokens, maxLength: 12 }), fc.string())
    fc.assert(fc.property(texts, (text) => isJson(text) || !parseJson(text).ok))
  })

  it('says syntax for a text that is merely broken', () => {
    for (const text of ['', '{', '{"a"}', '{"a":1,}', 'undefined', '"open', '{"\\x":1}', '01']) {
      expect(parseJson(text), text).to.deep.equal({ ok: false, reason: 'syntax' })
    }
  })

  it('refuses duplicate keys, also when escapes hide them, and says where', () => {
    expect(parseJson('{"a":1,"b":2,"a":3}')).to.deep.equal({ ok: false, reason: 'duplicate-key', path: '/a' })
    expect(parseJson(String.raw`{"x":[0,{"a":1,"\u0061":2}]}`)).to.deep.equal({
      ok: false,
      reason: 'duplicate-key',
      path: '/x/1/a',
    })
    expect(parseJson('{"a/b~":1,"a/b~":1}')).to.have.property('path', '/a~1b~0')
  })

  it('finds a duplicate wherever it stands', () => {
    const keys = fc
      .uniqueArray(fc.string(), { minLength: 1, maxLength: 10 })
      .filter((all) => !all.includes('__proto__'))
    fc.assert(
      fc.property(keys, fc.nat(), jsonValue, (all, pick, value) => {
        const twice = all[pick % all.length] ?? ''
        const members = [...all, twice].map((key) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
        expect(parseJson(`{${members.join(',')}}`)).to.have.property('reason', 'duplicate-key')
      }),
    )
  })

  it('allows one key in different objects, and equal strings that are not keys', () => {
    const text = '{"a":{"a":"a"},"b":[{"a":1},{"a":1},"a","a"],"c":"a"}'
    expect(parseJson(text)).to.deep.equal({ ok: true, value: JSON.parse(text) })
  })

  it('is not confused by structure inside strings', () => {
    const text = JSON.stringify({ a: '{"a":1,"a":2},[[[', 'b"': '\\', c: '","c":1' })
    expect(parseJson(text)).to.deep.equal({ ok: true, value: JSON.parse(text) })
  })

  it('refuses __proto__ as a key, also when escaped, and allows it as a value', () => {
    expect(parseJson('{"a":{"__proto__":{}}}')).to.deep.equal({
      ok: false,
      reason: 'forbidden-key',
      path: '/a/__proto__',
    })
    expect(parseJson(String.raw`{"\u005f_proto__":1}`)).to.have.property('reason', 'forbidden-key')
    expect(parseJson('["__proto__"]')).to.deep.equal({ ok: true, value: ['__proto__'] })
  })

  it('refuses what is deeper than allowed, and not what is just as deep', () => {
    const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    expect(parseJson(deep(16)).ok).to.equal(true)
    expect(parseJson(deep(17))).to.have.property('reason', 'too-deep')
    expect(parseJson(deep(3), { maxDepth: 2 })).to.have.property('reason', 'too-deep')
    expect(parseJson('{"a":'.repeat(100_000))).to.have.property('reason', 'too-deep')
  })

  it('counts siblings once, not as depth', () => {
    expect(parseJson(`[${Array(100).fill('{"a":[]}').join(',')}]`).ok).to.equal(true)
  })

  it('refuses more keys than allowed, over all objects together', () => {
    const objects = (count: number) => JSON.stringify(Array(count).fill({ a: 1, b: 2 }))
    expect(parseJson(objects(256)).ok).to.equal(true)
    expect(parseJson(objects(257))).to.have.property('reason', 'too-many-keys')
    expect(parseJson('{"a":1,"b":2}', { maxKeys: 1 })).to.have.property('reason', 'too-many-keys')
  })

  it('refuses bytes that are not UTF-8, and a byte order mark', () => {
    expect(parseJson(Buffer.from([0x22, 0xff, 0x22]))).to.deep.equal({ ok: false, reason: 'syntax' })
    expect(parseJson(Buffer.from('22eda08022', 'hex'))).to.deep.equal({ ok: false, reason: 'syntax' })
    expect(parseJson(Buffer.from('\ufeff{}'))).to.deep.equal({ ok: false, reason: 'syntax' })
  })
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
