import { createPrivateKey, createPublicKey, generateKeyPair, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import type { Api } from 'express-doku-ovo'
import { createSimulator, SAMPLE_ACCOUNTS, type Simulator } from 'express-doku-ovo/simulator'
import type { DemoClock } from './backstage/clock.ts'
import { readMemory } from './keep-simulator.ts'
import { customers } from './people.ts'
import type { Dashboard } from './server.ts'
import type { Shelf } from './shelf.ts'
import type { Hint } from './shop-routes.ts'

/** The simulator, and the values that its dashboard would show. */
export interface Simulated {
  readonly simulator: Simulator
  readonly dashboard: Dashboard
  readonly hints: Readonly<Record<string, Hint>>
}

/** In ms. Real pauses are 30 minutes and more; these are short enough for a person at a screen. */
const retryScheduleMs = [2_000, 10_000, 40_000]
const hookRetriesMs = [2_000, 20_000]
const reconcileEveryMs = 1_000
/** In ms. Usually half a minute. */
const paymentDeadlineMs = 3_000

/** Starts the simulator on this machine. Makes its keys at the first start, and reads them from the shelf later. */
export async function startSimulated(api: Api | undefined, shelf: Shelf, clock: DemoClock): Promise<Simulated> {
  const { clientId, secretKey, privateKey, dokuPrivateKey, port } = await credentials(shelf)
  const memory = await readMemory(shelf)
  const merchantKey = createPrivateKey(privateKey)
  const dokuKey = createPrivateKey(dokuPrivateKey)
  const simulator = createSimulator({
    clientId,
    secretKey,
    merchantPublicKey: createPublicKey(merchantKey),
    dokuPrivateKey: dokuKey,
    retryScheduleMs,
    clock: clock.now,
    sleep: clock.sleep,
    ...(memory && { memory }),
  })
  const { url: baseUrl, port: actual } = await simulator.listen(port).catch(() => simulator.listen())
  await shelf.put('credentials', JSON.stringify({ clientId, secretKey, privateKey, dokuPrivateKey, port: actual }))
  const dashboard: Dashboard = {
    clientId,
    secretKey,
    privateKey: merchantKey,
    dokuPublicKey: createPublicKey(dokuKey),
    environment: { baseUrl },
    api: api ?? 'core-v1', // The default api has no refunds and no payments in one click.
    endpoints: { payment: { deadlineMs: paymentDeadlineMs } },
    clock: clock.now,
    reconcileEveryMs,
    hookRetriesMs,
  }
  return { simulator, dashboard, hints: sampleHints() }
}

interface Credentials {
  readonly clientId: string
  readonly secretKey: string
  /** The merchant's key, as PEM. */
  readonly privateKey: string
  /** DOKU's key, as PEM. */
  readonly dokuPrivateKey: string
  /** The port of the last start. 0: any free port. */
  readonly port: number
}

/** Keeps the credentials, because only the same secret can decrypt the stored records. */
async function credentials(shelf: Shelf): Promise<Credentials> {
  const kept = await shelf.get('credentials')
  if (kept !== undefined) return JSON.parse(kept)
  const [privateKey, dokuPrivateKey] = await Promise.all([newKey(), newKey()])
  const secretKey = `SK-${randomBytes(24).toString('base64url')}`
  return { clientId: 'BRN-0000-0000000000000', secretKey, privateKey, dokuPrivateKey, port: 0 }
}

async function newKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** The first customer has the first OVO account, and so on. */
function sampleHints(): Record<string, Hint> {
  const pairs = customers.flatMap(({ id }, index) => {
    const account = SAMPLE_ACCOUNTS[index]
    return account ? [[id, { phoneNo: account.phoneNo, otp: account.otp, pin: account.pin }] as const] : []
  })
  return Object.fromEntries(pairs)
}
