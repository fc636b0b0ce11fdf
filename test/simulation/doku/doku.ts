import { apis, type Operation } from '../../../lib/doku/api.ts'
import type { HttpAnswer, HttpRequest } from '../../../lib/doku/transport.ts'
import type { JsonObject } from '../../../lib/primitives/json.ts'
import type { Stage } from '../engine/stage.ts'
import { answer, ok } from './answers.ts'
import type { Attempt } from './ledger.ts'
import { type Link, Links } from './links.ts'
import { DokuPayments } from './payments.ts'
import { DokuRefunds } from './refunds.ts'
import { Tokens } from './tokens.ts'

const endpoints = Object.entries(apis['core-v1'])
const operations = new Map(endpoints.map(([operation, { path }]) => [path, operation as Operation]))
const services = new Map(endpoints.map(([operation, { serviceCode }]) => [operation as Operation, serviceCode]))

const accessTokenLifeMs = 15 * 60_000

type Headers = HttpRequest['headers']

export interface DokuWatch {
  arrived(attempt: Attempt): void
  changed(attempt: Attempt): void
  checked(reference: string): void
  gaveBack(attempt: Attempt): void
}

/** DOKU as far as a schedule needs it. It answers truthfully; what becomes of the answer on its way is not its business. */
export class Doku {
  readonly links: Links
  readonly payments: DokuPayments
  readonly #refunds: DokuRefunds
  readonly #accessTokens: Tokens
  readonly #stage: Stage
  readonly #watch: DokuWatch

  constructor(stage: Stage, watch: DokuWatch) {
    this.#stage = stage
    this.#watch = watch
    this.links = new Links(stage)
    this.payments = new DokuPayments(stage, watch)
    this.#refunds = new DokuRefunds(stage, this.payments, (attempt) => watch.gaveBack(attempt))
    this.#accessTokens = new Tokens(stage, {
      prefix: 'access',
      lifeMs: accessTokenLifeMs,
      newestVoids: stage.plan.newestVoidsAccessTokens,
    })
  }

  /** Its answers name the time of its clock, as DOKU's do. */
  readonly handle = (request: HttpRequest): HttpAnswer => {
    const date = new Date(this.#stage.scheduler.now).toUTCString()
    return { ...this.#answer(request), headers: { date } }
  }

  #answer({ path, headers, body }: HttpRequest): HttpAnswer {
    const operation = operations.get(path) ?? 'balance'
    this.#stage.journal.count(`calls: ${operation}`)
    const parsed: JsonObject = JSON.parse(body)
    if (operation === 'accessToken') return this.#issue()
    if (operation === 'customerToken') return this.links.exchange(String(parsed.authCode))
    this.#perhapsRevoke()
    const service = services.get(operation) ?? '00'
    if (!this.#accessTokens.isValid(bearer(headers.Authorization))) return answer(401, service, '01')
    return this.#carryOut(operation, service, parsed, headers)
  }

  #carryOut(operation: Operation, service: string, body: JsonObject, headers: Headers): HttpAnswer {
    if (operation === 'binding') return this.links.ask(String((body.additionalInfo as JsonObject).custIdMerchant))
    if (operation === 'unbinding') return this.links.end(String(body.tokenId))
    if (operation === 'status') return this.#tellStatus(String(body.originalPartnerReferenceNo))
    const link = this.links.byToken(bearer(headers['Authorization-customer']))
    if (!link) return answer(401, service, '02')
    if (operation === 'refund') return this.#refunds.refund(body)
    return this.payments.pay({ customerId: link.customerId, clickId: headers['X-DEVICE-ID'] ?? '' }, body)
  }

  #issue(): HttpAnswer {
    const { token, seconds } = this.#accessTokens.issue()
    return ok('73', { accessToken: token, expiresIn: seconds })
  }

  #perhapsRevoke(): void {
    const { random, plan } = this.#stage
    if (!this.#stage.isFaulty() || !random.chance(plan.revokesToken)) return
    this.#stage.journal.count('fault: tokens revoked')
    const revoked: readonly { revoke(): void }[] = random.chance(0.5) ? this.#customerTokens() : [this.#accessTokens]
    for (const tokens of revoked) tokens.revoke()
  }

  #customerTokens(): Tokens[] {
    return this.links.all.map(({ tokens }: Link) => tokens)
  }

  #tellStatus(reference: string): HttpAnswer {
    this.#watch.checked(reference)
    const attempt = this.payments.find(reference)
    const shown = attempt && this.payments.asShown(attempt)
    return shown ? this.payments.statusAnswer(attempt, shown.code, shown.at) : answer(404, '55', '01')
  }
}

function bearer(header: string | undefined): string {
  return header?.replace('Bearer ', '') ?? ''
}
