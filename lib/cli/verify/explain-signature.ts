import type { SignedWith } from '../../doku/inbound.ts'
import { type KeyInput, parsePublicKey } from '../../doku/keys.ts'
import { sha256Hex, stringToSign, verifyAsymmetric, verifySymmetric } from '../../doku/signature.ts'
import type { OneOrMore } from '../../options/rotation.ts'
import type { Finding } from '../command.ts'

/** What a signature can differ in. */
type Part = 'token' | 'path' | 'body' | 'timestamp' | 'secret' | 'spelling'

/** One thing that may have been signed, in words. The first of a list is what it should be. */
export interface Alternative<T> {
  readonly says: string
  readonly value: T
  /** The app takes it as well: always, or where `webhooks.signedWith` has this. */
  readonly taken?: 'always' | SignedWith
}

/** What may have been signed, part by part. */
export interface Alternatives {
  readonly token: readonly Alternative<string>[]
  readonly path: readonly Alternative<string>[]
  readonly body: readonly Alternative<Buffer>[]
  readonly timestamp: readonly Alternative<string>[]
  readonly secret: readonly Alternative<string>[]
  /** How the signature itself may be spelt, turned into Base64. */
  readonly spelling: readonly Alternative<string>[]
}

/** Something that is not as it should be, and with which the signature fits. */
export interface Difference {
  readonly part: Part
  readonly says: string
  readonly taken?: 'always' | SignedWith | undefined
}

type Choice = { readonly [Name in Part]: number }

/** From what one would look at first. */
const parts: readonly Part[] = ['spelling', 'secret', 'path', 'token', 'body', 'timestamp']

/**
 * Looks for what DOKU has signed. `[]`: what it should be. `undefined`: nothing that was tried. Of several that fit, the one
 * that differs in the fewest parts: a signature that fits says for certain what was signed.
 */
export function explainSignature(alternatives: Alternatives): readonly Difference[] | undefined {
  const choices = allChoices(alternatives).sort((one, other) => unusual(one) - unusual(other))
  const found = choices.find((choice) => fits(alternatives, choice))
  if (!found) return undefined
  return parts
    .filter((part) => found[part] > 0)
    .map((part) => {
      const { says = '', taken } = alternatives[part][found[part]] ?? {}
      return { part, says, taken }
    })
}

function allChoices(alternatives: Alternatives): Choice[] {
  const none = { token: 0, path: 0, body: 0, timestamp: 0, secret: 0, spelling: 0 }
  return parts.reduce<Choice[]>(
    (choices, part) =>
      choices.flatMap((choice) => alternatives[part].map((_, index) => ({ ...choice, [part]: index }))),
    [none],
  )
}

function unusual(choice: Choice): number {
  return parts.filter((part) => choice[part] > 0).length
}

function fits({ token, path, body, timestamp, secret, spelling }: Alternatives, choice: Choice): boolean {
  const text = stringToSign({
    method: 'POST',
    path: path[choice.path]?.value ?? '',
    accessToken: token[choice.token]?.value ?? '',
    body: body[choice.body]?.value ?? '',
    timestamp: timestamp[choice.timestamp]?.value ?? '',
  })
  return verifySymmetric(text, secret[choice.secret]?.value ?? '', spelling[choice.spelling]?.value ?? '')
}

/** Without those that mean the same as an earlier one. */
export function distinct<T extends string | Buffer>(all: readonly Alternative<T>[]): readonly Alternative<T>[] {
  return all.filter(
    ({ value }, index) => all.findIndex((one) => Buffer.from(one.value).equals(Buffer.from(value))) === index,
  )
}

/**
 * Whether DOKU has signed with its RSA key, over method, path, body and time, without a token.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#2
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-10
 */
export function isSignedWithRsa(
  { path, body, timestamp, spelling }: Alternatives,
  dokuPublicKey: OneOrMore<KeyInput> | undefined,
): boolean {
  const keys = (Array.isArray(dokuPublicKey) ? dokuPublicKey : [dokuPublicKey]).flatMap(readKey)
  const time = timestamp[0]?.value ?? ''
  const signature = spelling[0]?.value ?? ''
  const texts = path.flatMap((one) => body.map((bytes) => `POST:${one.value}:${sha256Hex(bytes.value)}:${time}`))
  return keys.some((key) => texts.some((text) => verifyAsymmetric(text, key, signature)))
}

/** A key that cannot be read proves nothing; `doctor` says what is wrong with it. */
function readKey(input: KeyInput | undefined) {
  try {
    return input === undefined ? [] : [parsePublicKey(input)]
  } catch {
    return []
  }
}

/** What to do about a difference in a part. */
const fixes: Readonly<Record<Part, string>> = {
  token:
    "if this is what DOKU does, set webhooks: { signedWith: ['bearer', 'empty'] } for no token, or ['bearer', 'doku-token'] for the one that DOKU issued; another token there is a fault of the sender",
  path: 'make publicUrl, path included, the address that is in DOKU’s dashboard: DOKU signs the path of its Notification URL',
  body: 'something between DOKU and the app reads the body and writes it anew (a proxy, a firewall, a body parser): let it through as it comes',
  timestamp: 'something between DOKU and the app writes X-TIMESTAMP anew: let it through as it comes',
  secret:
    'set secretKey to exactly what the dashboard shows, without blanks or line ends; while it is replaced, [newSecret, oldSecret]',
  spelling: 'DOKU signs in Base64; whoever sent this is not DOKU, or something on the way has changed the header',
}

interface Explained {
  /** `undefined`: nothing that was tried fits. */
  readonly differences: readonly Difference[] | undefined
  readonly isRsa: boolean
  readonly signedWith: readonly SignedWith[]
}

function isTaken({ taken }: Difference, signedWith: readonly SignedWith[]): boolean {
  return taken === 'always' || (taken !== undefined && signedWith.includes(taken))
}

/** What the signature is over, and what to do when it should be over something else. */
export function signatureFinding({ differences, isRsa, signedWith }: Explained): Finding {
  const check = 'signature'
  if (isRsa) {
    const says = 'it is signed with DOKU’s RSA key in place of the secret key, which the app does not accept'
    return {
      check,
      status: 'failed',
      says,
      fix: 'ask DOKU for the symmetric signature that its pages describe, or report it to us',
    }
  }
  if (differences === undefined) return { check, status: 'failed', ...nothingFits }
  const wrong = differences.filter((difference) => !isTaken(difference, signedWith))
  const heard = differences.map(({ part, says }) => `${part}: ${says}`).join('; ')
  if (wrong.length === 0) return { check, status: 'ok', says: heard === '' ? 'it fits' : `it fits (${heard})` }
  const says = `it does not fit, but would with another ${heard}`
  return { check, status: 'failed', says, fix: wrong.map(({ part }) => fixes[part]).join('. And ') }
}

const nothingFits = {
  says: 'it does not fit, whatever of token, path, body and timestamp is tried: it was made with another secret key, or what was signed was changed on the way',
  fix: 'compare secretKey with the dashboard of the same environment (Settings › API Keys); if it is the same, take the capture nearer to DOKU, before any proxy',
}
