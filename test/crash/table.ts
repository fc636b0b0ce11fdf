import type { CrashResult } from './crash-run.ts'
import { killPoints } from './host/messages.ts'

type Row = readonly [name: string, ...values: (string | number)[]]
type Figure = (result: CrashResult) => string | number

/** Runs side by side, a column each. */
export function table(results: readonly CrashResult[]): string {
  const row = (name: string, figure: Figure): Row => [name, ...results.map(figure)]
  const statuses = distinct(results.flatMap(({ payments }) => payments.map(({ status }) => status))).sort()
  const answers = distinct(results.flatMap((result) => [...result.answers.keys()])).sort((one, other) => one - other)
  const findings = distinct(results.flatMap((result) => Object.keys(result.findings)))
  const rows = [
    row('', ({ plan }) => `${plan.kind} on ${plan.database.kind}`),
    row('seed', ({ plan }) => plan.seed),
    row('seconds', ({ seconds }) => seconds.toFixed(0)),
    row('hours by the hosts’ clocks', ({ simulatedHours }) => simulatedHours.toFixed(1)),
    row('kills', killsIn),
    ...[...killPoints, 'at random' as const].map((death) => row(`  ${death}`, ({ deaths }) => deaths.get(death) ?? 0)),
    row('orders', ({ orders }) => orders),
    row('payments', ({ payments }) => payments.length),
    ...statuses.map((status) =>
      row(`  ${status}`, ({ payments }) => countOf(payments, (one) => one.status === status)),
    ),
    row('answers to customers', (result) => sum(result.answers.values())),
    ...answers.map((status) => row(`  ${status || 'none'}`, (result) => result.answers.get(status) ?? 0)),
    row('notifications tried', ({ notifications }) => notifications),
    row('status checks', ({ statusChecks }) => statusChecks),
    row('charges', ({ charges }) => charges),
    ...findings.map((name) => row(name, (result) => result.findings[name]?.length ?? 0)),
  ]
  return rows.map(format).join('\n')
}

export function killsIn({ deaths }: CrashResult): number {
  return sum(deaths.values())
}

function format([name, ...values]: Row): string {
  return `  ${name.padEnd(38)}${values.map((value) => String(value).padStart(22)).join('')}`
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}

function countOf<T>(list: readonly T[], counts: (one: T) => boolean): number {
  return list.filter(counts).length
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, number) => total + number, 0)
}
