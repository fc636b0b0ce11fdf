import { createSimulator, type Fault, type Simulator } from 'express-doku-ovo/simulator'
import type { Workshop } from '../workshop.ts'
import type { Keys } from './merchant.ts'
import type { Timeline } from './timeline.ts'

/** What goes wrong at DOKU, and on the way there and back. Times are by the timeline. */
const troubles: readonly Fault[] = [
  { kind: 'latency', ms: 2_000, before: 'answer' },
  { kind: 'latency', ms: 5_000, before: 'carrying-out' },
  // Whoever asks in the meantime is told that DOKU knows nothing of it.
  { kind: 'latency', ms: 400_000, before: 'carrying-out' },
  { kind: 'latency', ms: 400_000, before: 'carrying-out' },
  { kind: 'http-error', status: 500, carriesOut: true },
  { kind: 'http-error', status: 500, carriesOut: false },
  { kind: 'http-error', status: 502, body: 'html', carriesOut: true },
  { kind: 'http-error', status: 504, carriesOut: true },
  { kind: 'cut', carriesOut: true },
  { kind: 'cut', carriesOut: false },
  { kind: 'cut-answer' },
  { kind: 'garbage', carriesOut: true },
  { kind: 'in-progress', carriesOut: true },
  { kind: 'refusal', code: '403xx14' },
  { kind: 'refusal', code: '429xx00' },
  { kind: 'lag', ms: 600_000 },
  { kind: 'lost' },
  { kind: 'duplicated', times: 3 },
  { kind: 'reordered' },
  { kind: 'delayed', ms: 45_000 },
  { kind: 'stale' },
]

const troubleRate = 0.3

/** What a customer of the harness has: enough for all its orders. */
const cash = '900000000.00'
const pin = '111111'

export function phoneOf(customer: number): string {
  return `62812${String(customer).padStart(8, '0')}`
}

/** DOKU, whose ledger books whatever comes, also what comes twice. */
export async function startDoku(
  keys: Keys,
  timeline: Timeline,
  customers: number,
  workshop: Workshop,
): Promise<Simulator> {
  const doku = createSimulator({
    clientId: keys.merchant.clientId,
    secretKey: keys.merchant.secretKey,
    merchantPublicKey: keys.merchantPublicKey,
    dokuPrivateKey: keys.dokuPrivateKey,
    clock: timeline.now,
    sleep: timeline.sleep,
    deduplicates: false,
    accounts: Array.from({ length: customers }, (_, customer) => {
      return { phoneNo: phoneOf(customer), pin, otp: pin, cash, points: '0.00' }
    }),
  })
  await doku.listen()
  workshop.atEnd(() => doku.close())
  return doku
}

export function makeTrouble({ faults }: Simulator, seed: string): void {
  faults.random({ seed, rate: troubleRate, faults: troubles, operations: ['payment', 'status', 'notification'] })
}

/** From now on all is well, and what was held back happens. */
export function endTrouble({ faults }: Simulator): void {
  faults.clear()
  faults.release()
}
