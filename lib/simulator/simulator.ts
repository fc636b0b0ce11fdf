import type { Standing } from './customer.ts'
import type { RecordedCall } from './exchange.ts'
import type { Address } from './listener.ts'
import type { NotificationAttempt, NotificationOverrides } from './notifications/sender.ts'
import type { MerchantUrls } from './options.ts'
import type { AccountView } from './state/accounts.ts'
import type { LedgerEntry } from './state/payments.ts'

/** What a notification is about: a payment, by its partnerReferenceNo, or a customer's newest binding. */
export type NotificationSubject = string | { readonly custIdMerchant: string }

export interface Simulator {
  /** Where it listens, e.g. `http://127.0.0.1:4100`; empty before `listen`. */
  readonly url: string
  /** Every deduction from an OVO account, oldest first. */
  readonly ledger: readonly LedgerEntry[]
  /** Every call to an operation, right or wrong, oldest first. */
  readonly calls: readonly RecordedCall[]
  /** Every attempt to notify the merchant, oldest first. */
  readonly notifications: readonly NotificationAttempt[]
  /** The OVO accounts as they are now. */
  readonly accounts: readonly AccountView[]
  /** Starts to serve, on 127.0.0.1 only. Port 0, the default, takes any free one. */
  listen(port?: number): Promise<Address>
  /** Stops, cuts connections, cancels retries; nothing keeps the process alive afterwards. */
  close(): Promise<void>
  /** From now on notifications go here. */
  setMerchant(urls: MerchantUrls): void
  /** The customer enters OTP and PIN on the binding page; right ones, unless told otherwise. Takes `redirectUrl` or its last part. */
  approveBinding(redirectUrl: string, entered?: { otp?: string; pin?: string }): Standing
  declineBinding(redirectUrl: string): Standing
  /** The customer enters the PIN on the payment page; the right one, unless told otherwise. Takes `webRedirectUrl` or its last part. */
  approvePayment(webRedirectUrl: string, entered?: { pin?: string }): Standing
  declinePayment(webRedirectUrl: string): Standing
  /** The customer unlinks the merchant inside the OVO app. The merchant is not told. */
  unlink(custIdMerchant: string): void
  /** Sends one notification by hand, once, honest or with `overrides`. */
  notify(subject: NotificationSubject, overrides?: NotificationOverrides): Promise<NotificationAttempt>
  /** Resolves when every notification is delivered or has used up its retries. */
  settled(): Promise<void>
}
