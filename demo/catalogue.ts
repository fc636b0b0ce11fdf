/** A product. The price is in rupiah. */
export interface Item {
  readonly id: string
  /** At most 32 characters, the longest name that DOKU accepts. */
  readonly title: string
  readonly price: number
  /** The Indonesian title. */
  readonly judul: string
}

export const catalogue: readonly Item[] = [
  { id: 'coffee', title: 'Gayo coffee, 250\u00a0g', judul: 'Kopi Gayo, 250\u00a0g', price: 85_000 },
  { id: 'scarf', title: 'Batik scarf', judul: 'Selendang batik', price: 240_000 },
  { id: 'basket', title: 'Rattan basket', judul: 'Keranjang rotan', price: 120_000 },
  { id: 'board', title: 'Teak board', judul: 'Talenan jati', price: 175_000 },
  { id: 'kettle', title: 'Brass kettle', judul: 'Teko kuningan', price: 460_000 },
  { id: 'gong', title: 'Bronze gong', judul: 'Gong perunggu', price: 3_250_000 },
]

export function findItem(id: unknown): Item | undefined {
  return catalogue.find((item) => item.id === id)
}
