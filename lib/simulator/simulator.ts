import type { Standing } from './customer.ts'
import type { FaultControls } from './faults/faults.ts'
import type { Arrival, Listener, NotificationAttempt, RecordedCall } from './journal.ts'
import type { NotificationOverrides } from './notifications/sender.ts'
import type { MerchantUrls } from './options.ts'
import type { OperationName } from './protocol/routes.ts'
import type { Address } from './server.ts'
import type { AccountView } from './state/accounts.ts'
import type { LedgerEntry, RefundEntry } from './state/payments.ts'

/** What a notification is about: a payment, by its partnerReferenceNo, or a customer's newest binding. */
export type NotificationSubject = string | { readonly custIdMerchant: string }

export interface Simulator {
  /** Where it listens, e.g. `http://127.0.0.1:4100`; empty before `listen`. */
  readonly url: string
  /** Every deduction from an OVO account, oldest first. */
  readonly ledger: readonly LedgerEntry[]
  /** Everything that went back to an OVO account, oldest first. */
  readonly refunds: readonly RefundEntry[]
  /** Every call to an operation as it came in, answered or not, oldest first. */
  readonly arrivals: readonly Arrival[]
  /** Every call to an operation that was carried out, or was not and never will be; right or wrong, oldest first. */
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
  /** What goes wrong, and when. */
  readonly faults: FaultControls
  /** Every access token (B2B) is invalid from now on. */
  revokeAccessTokens(): void
  /** Charges a payment that has failed or is still open, and says so. False when it is paid, or cannot be. */
  succeedLate(partnerReferenceNo: string): boolean
  /** Tells a listener of everything, while it happens. Returns what ends that. */
  observe(listener: Listener): () => void
  /** Resolves as soon as it holds; asked now, and after everything that happens. Rejects when the simulator closes. */
  until(holds: () => boolean): Promise<void>
  /** Resolves when so many calls to the operation (default: 1) have come in since the start. */
  arrived(operation: OperationName, times?: number): Promise<void>
  /**
   * Accounts, bindings, payments, refunds and tokens as they are now, for the option `memory` of another simulator. Not
   * what is on its way: notifications that wait, and what a fault holds back.
   */
  save(): Uint8Array
  /** Resolves when every notification that nothing holds back is delivered or has used up its retries. */
  settled(): Promise<void>
}
