import type { FaultControls } from 'express-doku-ovo/simulator'

/** Longer than a person needs to see that it has failed; "skip a minute" is longer still. */
const lateMs = 45_000

/** What can go wrong at DOKU, from now on and until something else is chosen. Each is a few of the simulator's faults. */
const scenarios = {
  none: () => {},
  timeout: (faults) => {
    faults.always('payment', { kind: 'hang', carriesOut: true })
    faults.always('notification', { kind: 'lost' })
  },
  lost: (faults) => faults.always('notification', { kind: 'lost' }),
  duplicate: (faults) => faults.always('notification', { kind: 'duplicated', times: 3 }),
  late: (faults) => faults.always('payment', { kind: 'fails-first', ms: lateMs }),
  down: (faults) => faults.always('payment', { kind: 'http-error', status: 503, body: 'html' }),
} as const satisfies Record<string, (faults: FaultControls) => void>

export type Scenario = keyof typeof scenarios

export const isScenario = (name: unknown): name is Scenario =>
  typeof name === 'string' && Object.hasOwn(scenarios, name)

export function play(scenario: Scenario, faults: FaultControls): void {
  faults.clear()
  scenarios[scenario](faults)
}
