/** Makes ids of decimal digits, as DOKU's own are. */
export interface Ids {
  digits(length: number): string
}

export function createIds(random: () => number): Ids {
  const digit = () => Math.floor(random() * 10)
  return { digits: (length) => Array.from({ length }, digit).join('') }
}
