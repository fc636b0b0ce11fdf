import type { BindingRecord } from '../../../lib/flows/bindings/binding-record.ts'
import type { OrderRecord, PaymentRecord } from '../../../lib/flows/orders/payment-record.ts'
import { parseAmountValue } from '../../../lib/primitives/money.ts'
import type { Doku } from '../doku/doku.ts'
import type { Link } from '../doku/links.ts'
import type { Journal } from '../engine/journal.ts'
import type { Watch } from '../world/disk.ts'
import { asBinding, asOrder } from './records.ts'

/** This package's own words, written down a second time: a slip in the flows' table would pass with it. */
const live = ['sending', 'unknown', 'processing', 'awaiting-customer']
const statuses = [...live, 'failed', 'cancelled', 'paid', 'partially-refunded', 'refunded']

export const isLiveStatus = (status: string) => live.includes(status)
export const isPaidStatus = (status: string) => statuses.indexOf(status) >= statuses.indexOf('paid')
export const isForward = (from: string, to: string) => statuses.indexOf(to) > statuses.indexOf(from)
export const senOf = (amount: string) => Number(parseAmountValue(amount) ?? 0n) / 100

/** What has to be true of every write of an order, compared with the one before. */
export function watchWrites(journal: Journal): Watch {
  return (earlier, written) => {
    const after = asOrder(written)
    const before = asOrder(earlier)
    if (!after) return
    if (after.attempts.filter(({ status }) => isLiveStatus(status)).length > 1) {
      journal.violate(`${after.orderId} has two live payments`)
    }
    for (const payment of after.attempts) checkRefunds(journal, payment)
    if (before) compare(journal, before, after)
  }
}

/** DOKU's side of a binding. */
export function linkOf(binding: BindingRecord | undefined, { links }: Doku): Link | undefined {
  return links.all.find(({ authCode }) => binding?.authCode?.endsWith(`|${authCode}`))
}

/**
 * A link is forgotten here only when it is over at DOKU, or nobody could ever end it. An `unlinked` one that keeps its
 * authCode was refused three tokens in a row; it comes back with the next exchange.
 */
export function watchLinks(journal: Journal, doku: () => Doku): Watch {
  return (earlier, written) => {
    const before = asBinding(earlier)
    const after = asBinding(written)
    if (before?.status !== 'active' || !after || after.status === 'active') return
    const isForgotten = after.status === 'unbound' || after.authCode === undefined
    if (isForgotten && linkOf(before, doku())?.state === 'agreed') {
      journal.violate(`${before.customerId} is called ${after.status}, but is linked at DOKU`)
    }
  }
}

function compare(journal: Journal, before: OrderRecord, after: OrderRecord): void {
  for (const earlier of before.attempts) {
    const later = after.attempts.find(({ partnerReferenceNo }) => partnerReferenceNo === earlier.partnerReferenceNo)
    const name = () => journal.name(earlier.partnerReferenceNo, 'p')
    if (!later) journal.violate(`${name()} has disappeared from the storage`)
    else if (later.status !== earlier.status && !isForward(earlier.status, later.status)) {
      journal.violate(`${name()} went back from ${earlier.status} to ${later.status}`)
    } else if (later.status !== earlier.status) {
      journal.tell(() => `${name()}: ${earlier.status} -> ${later.status}`)
    }
  }
}

function checkRefunds(journal: Journal, { partnerReferenceNo, amount, refunds = [] }: PaymentRecord): void {
  const standing = refunds.filter(({ status }) => status !== 'failed')
  const sum = standing.reduce((total, refund) => total + senOf(refund.amount), 0)
  if (sum > senOf(amount)) journal.violate(`${journal.name(partnerReferenceNo, 'p')} has refunds above what was paid`)
}
