import type { SignedWith } from '../../doku/inbound.ts'
import { type KeyInput, parsePublicKey } from '../../doku/keys.ts'
import { sha256Hex, stringToSign, verifyAsymmetric, verifySymmetric } from '../../doku/signature.ts'
import type { OneOrMore } from '../../options/rotation.ts'
import type { Finding } from '../command.ts'

/** The parts that a signature depends on. */
type Part = 'token' | 'path' | 'body' | 'timestamp' | 'secret' | 'spelling'

/** One value that DOKU may have signed, and its description. The first of a list is the correct one. */
export interface Alternative<T> {
  readonly says: string
  readonly value: T
  /** The app accepts this value too: always, or if `webhooks.signedWith` contains it. */
  readonly taken?: 'always' | SignedWith
}

/** All values that DOKU may have signed, by part. */
export interface Alternatives {
  readonly token: readonly Alternative<string>[]
  readonly path: readonly Alternative<string>[]
  readonly body: readonly Alternative<Buffer>[]
  readonly timestamp: readonly Alternative<string>[]
  readonly secret: readonly Alternative<string>[]
  /** The forms that the signature itself may have, converted to Base64. */
  readonly spelling: readonly Alternative<string>[]
}

/** A part with an incorrect value that makes the signature fit. */
export interface Difference {
  readonly part: Part
  readonly says: string
  readonly taken?: 'always' | SignedWith | undefined
}

type Choice = { readonly [Name in Part]: number }

/** In the order in which a person would check them. */
const parts: readonly Part[] = ['spelling', 'secret', 'path', 'token', 'body', 'timestamp']

/**
 * Finds the values that DOKU signed, by trying all combinations. A signature that fits proves them. If several combinations
 * fit, the one with the fewest differences counts.
 * @returns the differences from the correct values; undefined if no combination fits
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

/** Removes alternatives with the same value as an earlier one. */
export function distinct<T extends string | Buffer>(all: readonly Alternative<T>[]): readonly Alternative<T>[] {
  return all.filter(
    ({ value }, index) => all.findIndex((one) => Buffer.from(one.value).equals(Buffer.from(value))) === index,
  )
}

/**
 * Whether DOKU signed with its RSA key, over method, path, body and time, without a token.
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

/** Ignores a key that cannot be read. `doctor` says what is wrong with it. */
function readKey(input: KeyInput | undefined) {
  try {
    return input === undefined ? [] : [parsePublicKey(input)]
  } catch {
    return []
  }
}

/** How to fix a difference in each part. */
const fixes: Readonly<Record<Part, string>> = {
  token:
    "if DOKU does this, set webhooks: { signedWith: ['bearer', 'empty'] } for no token, or ['bearer', 'doku-token'] for the token that DOKU issued; any other token is a mistake of the sender",
  path: 'set publicUrl, with its path, to the address in DOKU’s dashboard: DOKU signs the path of its Notification URL',
  body: 'a proxy, a firewall or a body parser between DOKU and the app parses the body and writes it again: pass the body on unchanged',
  timestamp: 'something between DOKU and the app rewrites X-TIMESTAMP: pass the header on unchanged',
  secret:
    'set secretKey to the exact value in the dashboard, without blanks or line ends; while you replace it, use [newSecret, oldSecret]',
  spelling: 'DOKU signs in Base64: either the sender is not DOKU, or something on the way changed the header',
}

interface Explained {
  /** Undefined if no combination fits. */
  readonly differences: readonly Difference[] | undefined
  readonly isRsa: boolean
  readonly signedWith: readonly SignedWith[]
}

function isTaken({ taken }: Difference, signedWith: readonly SignedWith[]): boolean {
  return taken === 'always' || (taken !== undefined && signedWith.includes(taken))
}

/** Says which values were signed, and how to fix the wrong ones. */
export function signatureFinding({ differences, isRsa, signedWith }: Explained): Finding {
  const check = 'signature'
  if (isRsa) {
    const says = 'DOKU’s RSA key signed it, not the secret key; the app does not accept that'
    return {
      check,
      status: 'failed',
      says,
      fix: 'ask DOKU for the symmetric signature that its pages describe, or report this to us',
    }
  }
  if (differences === undefined) return { check, status: 'failed', ...nothingFits }
  const wrong = differences.filter((difference) => !isTaken(difference, signedWith))
  const described = differences.map(({ part, says }) => `${part}: ${says}`).join('; ')
  if (wrong.length === 0) return { check, status: 'ok', says: described === '' ? 'it fits' : `it fits (${described})` }
  const says = `it does not fit, but it fits with another ${described}`
  return { check, status: 'failed', says, fix: wrong.map(({ part }) => fixes[part]).join('. And ') }
}

const nothingFits = {
  says: 'it does not fit with any token, path, body and timestamp that was tried: another secret key made it, or the request was changed on the way',
  fix: 'compare secretKey with the dashboard of the same environment (Settings › API Keys); if they are equal, capture the request before any proxy',
}
