import type { BindingRecord } from '../../../lib/flows/bindings/binding-record.ts'
import type { OrderRecord, PaymentRecord } from '../../../lib/flows/orders/payment-record.ts'
import type { HookEvent } from '../../../lib/model/events.ts'
import { recordKeys } from '../../../lib/records/records.ts'
import type { Disk, Written } from '../world/disk.ts'
import { merchant } from '../world/merchant.ts'

export const keys = recordKeys(merchant.clientId)

export function asOrder(written: Written | undefined): OrderRecord | undefined {
  return written?.key.startsWith(keys.order('')) ? (written.value as unknown as OrderRecord) : undefined
}

export function asBinding(written: Written | undefined): BindingRecord | undefined {
  return written?.key.startsWith(keys.binding('')) ? (written.value as unknown as BindingRecord) : undefined
}

const isThere = <T>(value: T | undefined): value is T => value !== undefined

export function ordersOn({ contents }: Disk): OrderRecord[] {
  return [...contents.values()].map(asOrder).filter(isThere)
}

export function bindingsOn({ contents }: Disk): BindingRecord[] {
  return [...contents.values()].map(asBinding).filter(isThere)
}

export function parkedOn({ contents }: Disk): readonly HookEvent[] {
  const parked = contents.get(keys.parkedEvents)?.value as unknown as { events: HookEvent[] } | undefined
  return parked?.events ?? []
}

export interface Found {
  readonly order: OrderRecord
  readonly payment: PaymentRecord
}

/** The order that has this payment, and the payment. */
export function findPayment(disk: Disk, reference: string): Found | undefined {
  for (const order of ordersOn(disk)) {
    const payment = order.attempts.find(({ partnerReferenceNo }) => partnerReferenceNo === reference)
    if (payment) return { order, payment }
  }
  return undefined
}
