import type { Standing } from './customer.ts'
import type { FaultControls } from './faults/faults.ts'
import type { Arrival, Listener, NotificationAttempt, RecordedCall } from './journal.ts'
import type { NotificationOverrides } from './notifications/sender.ts'
import type { MerchantUrls } from './options.ts'
import type { OperationName } from './protocol/routes.ts'
import type { Address } from './server.ts'
import type { AccountView } from './state/accounts.ts'
import type { LedgerEntry, RefundEntry } from './state/payments.ts'

/** The subject of a notification: a payment, by its partnerReferenceNo, or a customer's newest binding. */
export type NotificationSubject = string | { readonly custIdMerchant: string }

/** DOKU and OVO, played for one merchant. All lists are live: they grow while the simulator runs, oldest entry first. */
export interface Simulator {
  /** The address that it listens on, for example `http://127.0.0.1:4100`. Empty before `listen`. */
  readonly url: string
  /** Every deduction from an OVO account. */
  readonly ledger: readonly LedgerEntry[]
  /** Every return of money to an OVO account. */
  readonly refunds: readonly RefundEntry[]
  /** Every call to an operation as it came in, answered or not. */
  readonly arrivals: readonly Arrival[]
  /** Every call to an operation with its final verdict: carried out, or never to be carried out. */
  readonly calls: readonly RecordedCall[]
  /** Every attempt to notify the merchant. */
  readonly notifications: readonly NotificationAttempt[]
  /** A copy of the OVO accounts as they are now. */
  readonly accounts: readonly AccountView[]
  /** Starts to serve, on 127.0.0.1 only. Port 0, the default, takes any free port. Rejects when the port is taken. */
  listen(port?: number): Promise<Address>
  /** Stops the server, cuts connections and cancels retries. Afterwards nothing keeps the process alive. */
  close(): Promise<void>
  /** Sends all later notifications to these URLs. @throws TypeError unless both are absolute URLs */
  setMerchant(urls: MerchantUrls): void
  /**
   * The customer enters OTP and PIN on the binding page: the right ones by default. Takes `redirectUrl` or its last part.
   * @throws Error when there is no such page
   */
  approveBinding(redirectUrl: string, entered?: { otp?: string; pin?: string }): Standing
  /** The customer cancels on the binding page. @throws Error when there is no such page */
  declineBinding(redirectUrl: string): Standing
  /**
   * The customer enters the PIN on the payment page: the right one by default. Takes `webRedirectUrl` or its last part.
   * @throws Error when there is no such page
   */
  approvePayment(webRedirectUrl: string, entered?: { pin?: string }): Standing
  /** The customer cancels on the payment page. @throws Error when there is no such page */
  declinePayment(webRedirectUrl: string): Standing
  /**
   * The customer unlinks the merchant inside the OVO app. DOKU does not notify the merchant.
   * @throws Error when no account is linked
   */
  unlink(custIdMerchant: string): void
  /**
   * Sends one notification once, without retries. `overrides` change it.
   * @throws Error when the subject is unknown, or no merchant URLs are set
   */
  notify(subject: NotificationSubject, overrides?: NotificationOverrides): Promise<NotificationAttempt>
  /** Decides which calls and notifications go wrong, and how. */
  readonly faults: FaultControls
  /** Makes every access token (B2B) invalid from now on. */
  revokeAccessTokens(): void
  /**
   * Charges a payment that has failed or is still open, and notifies the merchant.
   * @returns false when the payment is paid already, or the account cannot pay
   * @throws Error when there is no such payment
   */
  succeedLate(partnerReferenceNo: string): boolean
  /** Calls a listener for every event, at the moment of the event. Returns a function that removes the listener. */
  observe(listener: Listener): () => void
  /** Resolves as soon as `holds` returns true. Asks now, and after every event. Rejects when the simulator closes. */
  until(holds: () => boolean): Promise<void>
  /**
   * Resolves when this many calls to the operation have come in since the start. Default: 1. Rejects when the simulator
   * closes.
   */
  arrived(operation: OperationName, times?: number): Promise<void>
  /**
   * Returns accounts, bindings, payments, refunds and tokens as they are now, for the option `memory` of another simulator.
   * Leaves out notifications that wait, and everything that a fault holds back.
   */
  save(): Uint8Array
  /** Resolves when every notification is delivered or has used up its retries. Ignores notifications that a fault holds back. */
  settled(): Promise<void>
}
