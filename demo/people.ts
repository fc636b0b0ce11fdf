/** A person who can sign in. A customer buys; the operator runs the shop. */
export interface Person {
  readonly id: string
  readonly name: string
  readonly role: 'customer' | 'operator'
}

export const people: readonly Person[] = [
  { id: 'alice', name: 'Alice', role: 'customer' },
  { id: 'bob', name: 'Bob', role: 'customer' },
  { id: 'ratna', name: 'Ratna', role: 'operator' },
]

export const customers = people.filter(({ role }) => role === 'customer')
