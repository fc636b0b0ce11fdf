/** Every error that this package throws on purpose is one of these classes; `code` is stable, `message` is for people. */
export abstract class DokuOvoError extends Error {
  abstract readonly code: string
  override get name(): string {
    return this.constructor.name
  }
}

/** The storage could not answer, or answered what cannot be. The record's state is unknown until it answers again. */
export class StorageError extends DokuOvoError {
  readonly code = 'STORAGE_UNAVAILABLE'
}
