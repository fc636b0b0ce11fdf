import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { Api } from 'express-doku-ovo'
import { createSimulator, SAMPLE_ACCOUNTS, type Simulator } from 'express-doku-ovo/simulator'
import { customers } from './customers.ts'
import type { Dashboard, Hint } from './server.ts'

/** A DOKU of one's own, and what its dashboard would show. */
export interface Simulated {
  readonly simulator: Simulator
  readonly dashboard: Dashboard
  readonly hints: Readonly<Record<string, Hint>>
}

/** DOKU's 30 minutes and more, compressed to what somebody at a screen waits for. */
const retryScheduleMs = [2_000, 10_000]

/** Starts the simulator on a free port of this machine, with keys that are made now and kept nowhere. */
export async function startSimulated(api: Api | undefined): Promise<Simulated> {
  const merchant = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const doku = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const clientId = 'BRN-0000-0000000000000'
  const secretKey = `SK-${randomBytes(24).toString('base64url')}`
  const simulator = createSimulator({
    clientId,
    secretKey,
    merchantPublicKey: merchant.publicKey,
    dokuPrivateKey: doku.privateKey,
    retryScheduleMs,
  })
  const { url: baseUrl } = await simulator.listen()
  const keys = { privateKey: merchant.privateKey, dokuPublicKey: doku.publicKey }
  const dashboard = { clientId, secretKey, ...keys, environment: { baseUrl }, ...(api && { api }) }
  return { simulator, dashboard, hints: sampleHints() }
}

/** The first customer has the first OVO account, and so on. */
function sampleHints(): Record<string, Hint> {
  const pairs = customers.flatMap(({ id }, index) => {
    const account = SAMPLE_ACCOUNTS[index]
    return account ? [[id, { phoneNo: account.phoneNo, otp: account.otp, pin: account.pin }] as const] : []
  })
  return Object.fromEntries(pairs)
}
