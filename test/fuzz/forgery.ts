import { Random } from '../simulation/engine/random.ts'
import { type Kind, routeOf } from './genuine.ts'
import { type Merchant, openMerchant } from './merchant.ts'
import { isGenuine, type Mutant, type Trick } from './mutant.ts'
import { respellBody, signAmbiguous, signOddBinding, signOddContent } from './tricks-json.ts'
import { forgeBearer } from './tricks-jwt.ts'
import {
  beAnother,
  changePath,
  disturbBody,
  disturbHeader,
  encodeBody,
  misuseHeader,
  respellSignature,
  signOtherwise,
  splice,
  swapHeaders,
} from './tricks-wire.ts'

/** The ones with much to choose from are tried more often. */
const tricks: readonly [Trick, ...Trick[]] = [
  ...[disturbBody, disturbBody, disturbHeader, disturbHeader, disturbHeader, misuseHeader, forgeBearer, forgeBearer],
  ...[respellBody, signAmbiguous, signOddContent, signOddBinding, changePath, encodeBody, respellSignature],
  ...[swapHeaders, signOtherwise, beAnother, splice],
] as unknown as [Trick, ...Trick[]]

const kinds: readonly [Kind, ...Kind[]] = ['token', 'payment', 'binding']

export interface ForgeryReport {
  /** Requests that were not DOKU's, by what was done to them. */
  readonly forged: number
  /** What came out as a genuine request all the same. */
  readonly genuine: number
  readonly tricks: ReadonlySet<string>
  /** What got in, or was answered with 500. */
  readonly breaches: readonly string[]
}

const shownAtMost = 20

export function mutantOf(random: Random): Mutant {
  return random.pick(tricks)(random, random.pick(kinds))
}

/** A genuine signature over an unknown reference: the notification is kept for the host, and no payment changes. */
export function writesAllowed({ trick }: Mutant): number {
  return trick === 'signed: odd reference' ? 1 : 0
}

/** What is wrong with how the merchant took it; `undefined`: nothing. */
async function breachBy(merchant: Merchant, mutant: Mutant): Promise<string | undefined> {
  const { httpStatus, body } = await merchant.webhooks[routeOf(mutant.kind)](mutant.request)
  const { writes, sent } = merchant.effects
  const isAnswered = httpStatus === 200 && !mutant.isSigned
  if (httpStatus >= 500 || httpStatus < 200) return `${mutant.trick}: answered ${httpStatus}`
  if (writes <= writesAllowed(mutant) && sent === 0 && !isAnswered) {
    merchant.effects.writes = 0
    return undefined
  }
  return `${mutant.kind}, ${mutant.trick}: ${httpStatus} ${body.responseMessage}, ${writes} writes, ${sent} requests`
}

/** Sends seeded mutants of genuine requests to one merchant, until so many of them were not genuine. */
export async function forge(runs: number, seed: number): Promise<ForgeryReport> {
  const random = new Random(seed)
  const names = new Set<string>()
  const breaches: string[] = []
  let merchant = await openMerchant()
  let genuine = 0
  for (let run = 0; run - genuine < runs; run++) {
    const mutant = mutantOf(random)
    names.add(`${mutant.kind}: ${mutant.trick}`)
    const breach = await breachBy(merchant, mutant)
    if (run % 1000 === 0) await merchant.settled()
    if (breach === undefined) continue
    if (isGenuine(mutant)) genuine++
    else if (breaches.length < shownAtMost) breaches.push(breach)
    merchant = await openMerchant()
  }
  return { forged: runs, genuine, tricks: names, breaches }
}
