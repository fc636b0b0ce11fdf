/** Somebody who can sign in. */
export interface ShopCustomer {
  readonly id: string
  readonly name: string
}

export const customers: readonly ShopCustomer[] = [
  { id: 'alice', name: 'Alice' },
  { id: 'bob', name: 'Bob' },
]
