/** The customer who asks. */
interface Person {
  /** The host's id of the customer. */
  readonly id: string
}

/** A thing of one customer: a payment, or the subject of a return address. */
interface Owned {
  readonly customerId: string
}

/**
 * The only owner check, for everything that is found by a name that another customer can know. A binding needs none,
 * because it is found by the customer's own id.
 */
export function isOwner({ id }: Person, { customerId }: Owned): boolean {
  return id === customerId
}

/** @returns undefined if it belongs to another customer, as if it did not exist */
export function ownOnly<T extends { readonly payment: Owned }>(person: Person, found: T | undefined): T | undefined {
  return found && isOwner(person, found.payment) ? found : undefined
}
