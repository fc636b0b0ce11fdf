/** A request as it came off the wire. */
export interface Received {
  readonly method: string
  /** Path and query, as sent. */
  readonly target: string
  readonly path: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}
