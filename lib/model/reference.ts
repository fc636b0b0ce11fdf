/**
 * DOKU takes 64 characters, but refunds for OVO only 32.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#c-21
 */
export const referenceLength = 32

export const digestLength = 20

/** Whether a payment can have this reference: nothing else is looked up. */
export function isReference(text: string): boolean {
  return /^[A-Za-z0-9_.-]{1,32}$/.test(text)
}
