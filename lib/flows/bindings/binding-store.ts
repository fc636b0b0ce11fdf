import { StorageError } from '../../errors.ts'
import type { HookEvent, NewEvent } from '../../model/events.ts'
import type { Versioned } from '../../records/records.ts'
import { VaultError } from '../../records/vault.ts'
import type { Stored } from '../../storage/storage.ts'
import { EventRecords, type Outbox } from '../outbox/outbox.ts'
import type { Ports } from '../ports.ts'
import { bindingShape } from '../record-shapes.ts'
import { type BindingRecord, bindingDueAt, isSameBinding, toBinding } from './binding-record.ts'

/** The fields that a record keeps encrypted. */
const sealedFields = ['phoneNo', 'authCode', 'customerToken', 'redirectUrl'] as const

type SealedField = (typeof sealedFields)[number]

/** The result of `change`. */
export interface BindingChange {
  /** The customer's binding as the storage has it now. */
  readonly binding: BindingRecord
  readonly isChanged: boolean
}

/** Names one link: the customer gets another one with each binding request. */
type LinkName = Pick<BindingRecord, 'customerId' | 'externalId'>

/** Returns undefined if there is nothing to change. */
type Change = (binding: BindingRecord) => BindingRecord | undefined | Promise<BindingRecord | undefined>

/**
 * The bindings in the storage: reads them, changes them, and seals their secrets. A change and the event that tells the
 * host of it are one write.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-5
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/architecture.md#rule-7
 */
export class BindingStore {
  readonly keyPrefix: string
  readonly #ports: Ports
  readonly #outbox: Outbox
  readonly #records: EventRecords<BindingRecord>

  constructor(ports: Ports, outbox: Outbox) {
    this.keyPrefix = ports.keys.binding('')
    this.#ports = ports
    this.#outbox = outbox
    this.#records = new EventRecords(ports.storage, {
      dueAt: bindingDueAt,
      shape: bindingShape,
      keyOf: ({ customerId }) => ports.keys.binding(customerId),
      ownsEvent: ({ customerId }, event) => event.type === 'bindingChanged' && event.customerId === customerId,
    })
  }

  async read(customerId: string): Promise<BindingRecord | undefined> {
    return (await this.#read(customerId))?.value
  }

  /**
   * Begins a link in place of the customer's earlier one.
   * @param earlier as it was read; undefined if the customer had none
   * @returns false if another process changed the binding since then; nothing is written then
   */
  async begin(earlier: BindingRecord | undefined, binding: BindingRecord): Promise<boolean> {
    if (!earlier) return (await this.#write(undefined, binding)) !== undefined
    const isAsRead = (current: BindingRecord) => isSameBinding(current, earlier)
    return (await this.change(earlier, (current) => (isAsRead(current) ? binding : undefined))).isChanged
  }

  /**
   * Changes one link, unless the customer has replaced it by a later one. This is the only compare-and-set loop of
   * bindings: `change` gets the record as it is stored now, and again if another process wrote first.
   */
  async change({ customerId, externalId }: LinkName, change: Change): Promise<BindingChange> {
    for (;;) {
      const stored = await this.#read(customerId)
      if (!stored) throw new StorageError(`the binding of customer ${customerId} has disappeared from the storage`)
      const { value: binding } = stored
      const next = binding.externalId === externalId ? await change(binding) : undefined
      if (!next) return { binding, isChanged: false }
      const written = await this.#write(stored, next)
      if (written) return { binding: written.value, isChanged: true }
    }
  }

  /**
   * Starts to deliver the events that a leased binding still has for the host.
   * @returns the binding
   */
  deliver(leased: Stored): BindingRecord {
    const stored = this.#records.accept(leased.key, leased)
    this.#outbox.deliver(this.#records, leased.key, stored)
    return stored.value
  }

  /** Encrypts a value for this field of this customer's binding. The result opens nowhere else. */
  seal(customerId: string, field: SealedField, plaintext: string): Promise<string> {
    return this.#ports.vault.seal(this.#sealKey(customerId, field), plaintext)
  }

  /**
   * @returns undefined if the record has no such field
   * @throws StorageError if the value does not open. That proves nothing about the link: this process may lack the key.
   */
  async open(binding: BindingRecord, field: SealedField): Promise<string | undefined> {
    const { customerId, [field]: sealed } = binding
    return sealed === undefined ? undefined : this.openSealed(customerId, field, sealed)
  }

  /** The same for a value of an earlier link. */
  async openSealed(customerId: string, field: SealedField, sealed: string): Promise<string> {
    try {
      return await this.#ports.vault.open(this.#sealKey(customerId, field), sealed)
    } catch (error) {
      if (!(error instanceof VaultError)) throw error
      this.#ports.logger.error({ err: error, customerId, field }, 'a sealed value does not open')
      throw new StorageError(`the ${field} of customer ${customerId} does not open with any of the encryption keys`, {
        cause: error,
      })
    }
  }

  /** Whether an event that was parked can be one of ours: the customer has a binding. */
  async ownsEvent(event: HookEvent): Promise<boolean> {
    return event.type === 'bindingChanged' && (await this.read(event.customerId)) !== undefined
  }

  #read(customerId: string): Promise<Versioned<BindingRecord> | undefined> {
    return this.#records.read(this.#ports.keys.binding(customerId))
  }

  #sealKey(customerId: string, field: SealedField): string {
    return `${this.#ports.keys.binding(customerId)}#${field}`
  }

  async #write(earlier: Versioned<BindingRecord> | undefined, next: BindingRecord) {
    const { outbox: _, sequence: _older, ...bare } = await this.#resealed(next)
    const { outbox, sequence, status: previousStatus } = earlier?.value ?? {}
    const { customerId, status } = next
    const event: NewEvent = { type: 'bindingChanged', customerId, previousStatus, binding: toBinding(next) }
    return this.#outbox.commit<BindingRecord>(this.#records, {
      key: this.#ports.keys.binding(customerId),
      value: { ...bare, ...(outbox && { outbox }), ...(sequence !== undefined && { sequence }) },
      version: earlier?.version,
      events: previousStatus === status ? [] : [event],
    })
  }

  /** Seals the values of an older key with the newest one: after a rotation, each write of a record moves them. */
  async #resealed(binding: BindingRecord): Promise<BindingRecord> {
    const { customerId, earlierLinks } = binding
    const renewed: Partial<Record<SealedField, string>> = {}
    for (const field of sealedFields) {
      const sealed = binding[field]
      if (sealed !== undefined) renewed[field] = await this.#resealedValue(customerId, field, sealed)
    }
    const links = earlierLinks?.map(async (link) => ({
      ...link,
      authCode: await this.#resealedValue(customerId, 'authCode', link.authCode),
      phoneNo: await this.#resealedValue(customerId, 'phoneNo', link.phoneNo),
    }))
    return { ...binding, ...renewed, ...(links && { earlierLinks: await Promise.all(links) }) }
  }

  /** A value that does not open stays as it is: another process may have its key. */
  async #resealedValue(customerId: string, field: SealedField, sealed: string): Promise<string> {
    if (this.#ports.vault.isNewest(sealed)) return sealed
    const plaintext = await this.openSealed(customerId, field, sealed).catch(() => undefined)
    return plaintext === undefined ? sealed : this.seal(customerId, field, plaintext)
  }
}
