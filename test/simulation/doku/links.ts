import type { HttpAnswer } from '../../../lib/doku/transport.ts'
import type { Stage } from '../engine/stage.ts'
import { answer, ok } from './answers.ts'
import { Tokens } from './tokens.ts'

export type LinkState = 'asked' | 'agreed' | 'refused' | 'ended'

/** A customer's account at DOKU, as one authCode knows it. */
export interface Link {
  readonly authCode: string
  readonly customerId: string
  readonly tokens: Tokens
  state: LinkState
  /** Whether it ever was agreed to. */
  wasAgreed: boolean
}

const customerTokenLifeMs = 60 * 60_000

/** Who has agreed to pay through OVO, and with which tokens. */
export class Links {
  readonly all: Link[] = []
  readonly #stage: Stage

  constructor(stage: Stage) {
    this.#stage = stage
  }

  open(customerId: string, state: LinkState): Link {
    const authCode = `auth-${this.all.length + 1}-${customerId}`
    const newestVoids = this.#stage.plan.newestVoidsCustomerTokens
    const rules = { prefix: `customer-${this.all.length + 1}`, lifeMs: customerTokenLifeMs, newestVoids }
    const tokens = new Tokens(this.#stage, rules)
    const link = { authCode, customerId, tokens, state, wasAgreed: state === 'agreed' }
    this.all.push(link)
    return link
  }

  /** The binding request: a page for the customer, and an authCode that opens nothing before the customer has agreed. */
  ask(customerId: string): HttpAnswer {
    const { authCode } = this.open(customerId, 'asked')
    return ok('07', { redirectUrl: `https://doku.example/bind/${authCode}`, additionalInfo: { authCode } })
  }

  exchange(authCode: string): HttpAnswer {
    const link = this.all.find((one) => one.authCode === authCode)
    if (link?.state !== 'agreed') return answer(401, '74', '00', { responseMessage: 'Unauthorized. authCode' })
    const { token, seconds } = link.tokens.issue()
    return ok('74', { accessToken: token, accessTokenExpiryTime: String(seconds) })
  }

  end(token: string): HttpAnswer {
    const link = this.byToken(token)
    if (!link) return answer(401, '09', '02')
    link.state = 'ended'
    return ok('09')
  }

  byToken(token: string): Link | undefined {
    return this.all.find(({ state, tokens }) => state === 'agreed' && tokens.isValid(token))
  }

  agreed(customerId: string): Link | undefined {
    return this.all.find((link) => link.customerId === customerId && link.state === 'agreed')
  }
}
