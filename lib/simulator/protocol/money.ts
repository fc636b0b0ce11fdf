/** SNAP's spelling of an amount: rupiah, a dot, and two digits of sen. */
export const AMOUNT = /^[0-9]{1,16}\.[0-9]{2}$/

/** An amount as it travels. */
export interface Amount {
  readonly value: string
  readonly currency: 'IDR'
}

/** Integer sen of an amount's text that `AMOUNT` has already accepted. */
export function toSen(value: string): bigint {
  return BigInt(value.replace('.', ''))
}

export function fromSen(sen: bigint): string {
  const digits = sen.toString().padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}

export function amountOf(sen: bigint): Amount {
  return { value: fromSen(sen), currency: 'IDR' }
}

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n)
}
