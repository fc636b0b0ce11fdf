import { type KeyInput, parsePublicKey } from '../doku/keys.ts'
import { sha256Hex, verifyAsymmetric } from '../doku/signature.ts'
import type { OneOrMore } from '../options-rotation.ts'
import type { Alternatives } from './explain-signature.ts'

/** Whether DOKU has signed with its RSA key, over method, path, body and time, without a token. @see protocol.md §2, C-10 */
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
