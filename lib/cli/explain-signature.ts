import type { SignedWith } from '../doku/inbound.ts'
import { stringToSign, verifySymmetric } from '../doku/signature.ts'

/** What a signature can differ in. */
export type Part = 'token' | 'path' | 'body' | 'timestamp' | 'secret' | 'spelling'

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
