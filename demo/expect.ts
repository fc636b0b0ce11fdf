import type { Payment } from 'express-doku-ovo'
import type { Answer, Browser } from './browser.ts'

/** @throws Error that shows the expected and the actual value */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const [came, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (came !== wanted) throw new Error(`${what}: expected ${wanted}, got ${came}`)
}

/** @throws Error when the field is absent or not text */
export function textIn(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name]
  if (typeof value === 'string') return value
  throw new Error(`no ${name} in ${JSON.stringify(body)}`)
}

/** @throws Error when the answer has another status */
export function answered(answer: Answer, status: number): Answer {
  if (answer.status === status) return answer
  throw new Error(`expected status ${status}, got ${answer.status} ${JSON.stringify(answer.body)}`)
}

/** The status of a payment, as the shop shows it. */
export async function statusOf(browser: Browser, reference: string): Promise<Payment['status']> {
  const { body } = answered(await browser.request('GET', `/ovo/payments/${reference}`), 200)
  return body.status as Payment['status']
}

/** The OVO Cash of a balance, in rupiah. */
export function cashIn(balance: Answer['body']): number {
  return Number((balance.cash as { value: string }).value)
}
