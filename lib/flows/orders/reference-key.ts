import { ProblemError } from '../../errors.ts'
import { type RandomBytes, systemRandomBytes } from '../../primitives/ids.ts'
import { singleFlight } from '../../primitives/single-flight.ts'
import { Records } from '../../records/records.ts'
import { shapeOf, text } from '../../records/shape.ts'
import type { Ports } from '../ports.ts'

interface ReferenceKeyRecord {
  /** 32 bytes in base64, sealed. */
  readonly key: string
}

/**
 * The key that makes the references of payments. It lives in the storage, so after a restore from an older copy the same
 * attempt of the same order gets the same reference again, and DOKU can see that it knows it. A storage that is empty
 * gets a new key: its references are new.
 */
export class ReferenceKey {
  readonly #ports: Ports
  readonly #records: Records<ReferenceKeyRecord>
  readonly #flight = singleFlight<Buffer>()
  #key: Buffer | undefined

  constructor(ports: Ports) {
    this.#ports = ports
    this.#records = new Records(ports.storage, { shape: shapeOf<ReferenceKeyRecord>({ key: text }) })
  }

  /**
   * The key; the first call of a process reads it, or makes it, and seals it again if an older encryption key sealed it.
   * @throws ProblemError STORAGE_UNAVAILABLE if it does not open: without it nothing can be charged
   */
  async get(): Promise<Buffer> {
    this.#key ??= await this.#flight('', () => this.#load())
    return this.#key
  }

  /** Seals it again, as `get` does, if there is one: the older encryption key may be removed after each process has started. */
  async reseal(): Promise<void> {
    if (await this.#records.read(this.#ports.keys.referenceKey)) await this.get()
  }

  async #load(): Promise<Buffer> {
    const { keys, vault, randomBytes } = this.#ports
    for (;;) {
      const stored = await this.#records.read(keys.referenceKey)
      const key = stored
        ? Buffer.from(await this.#open(stored.value.key), 'base64')
        : Buffer.from((randomBytes ?? (systemRandomBytes satisfies RandomBytes))(32))
      if (stored && vault.isNewest(stored.value.key)) return key
      const sealed = await vault.seal(keys.referenceKey, key.toString('base64'))
      if (await this.#records.write(keys.referenceKey, { key: sealed }, stored?.version)) return key
      // Another process was first: read what it wrote.
    }
  }

  async #open(sealed: string): Promise<string> {
    const { keys, logger, vault } = this.#ports
    try {
      return await vault.open(keys.referenceKey, sealed)
    } catch (error) {
      const what =
        'the record that makes references does not open with encryptionKeys; nothing is charged until it does'
      logger.error({ err: error, key: keys.referenceKey }, what)
      throw new ProblemError('STORAGE_UNAVAILABLE', 'Payments cannot be made now; tell the shop.', { cause: error })
    }
  }
}
