/** Whoever has an id of the host's: a customer who asks. */
interface Person {
  readonly id: string
}

/** Whatever is one customer's: a payment, or what a browser comes back from. */
interface Owned {
  readonly customerId: string
}

/**
 * The owner check: the only one, for everything that is found by a name that somebody else could know. What is found by
 * the customer's own id, as a binding is, needs none.
 */
export function isOwner({ id }: Person, { customerId }: Owned): boolean {
  return id === customerId
}

/** What was found, if it is this person's: what is somebody else's is as if it were not there. */
export function ownOnly<T extends { readonly payment: Owned }>(person: Person, found: T | undefined): T | undefined {
  return found && isOwner(person, found.payment) ? found : undefined
}
