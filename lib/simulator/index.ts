export { createSimulator } from './create-simulator.ts'
export type { Standing } from './customer.ts'
export type { Fault, FaultOn, FaultTarget, NotificationFault, OperationFault } from './faults/fault.ts'
export type { FaultControls, RandomFaults } from './faults/faults.ts'
export type { Arrival, Listener, NotificationAttempt, PageVisit, RecordedCall, SimulatorEvent } from './journal.ts'
export type { NotificationOverrides } from './notifications/sender.ts'
export {
  type BindingNotice,
  type NotificationToSign,
  type PaymentNotice,
  type SignedNotification,
  signNotification,
} from './notifications/sign-notification.ts'
export {
  type Dialect,
  type MerchantUrls,
  type RetrySleep,
  SAMPLE_ACCOUNTS,
  type SampleAccount,
  type SimulatorOptions,
} from './options.ts'
export type { Address } from './server.ts'
export type { NotificationSubject, Simulator } from './simulator.ts'
export type { AccountView } from './state/accounts.ts'
export type { LedgerEntry, RefundEntry } from './state/payments.ts'
