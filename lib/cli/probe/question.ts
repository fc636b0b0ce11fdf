import { documentationUrl } from '../../errors.ts'
import type { Settings } from '../../options/options.ts'
import type { Answer, DokuCalls } from './doku-calls.ts'
import type { Mailbox } from './mailbox.ts'

/** The facts that the questions can use. */
export interface MerchantContext {
  readonly settings: Settings
  readonly calls: DokuCalls
  readonly mailbox: Mailbox
  /** How long to wait for a notification, in ms. */
  readonly waitMs: number
  readonly firstToken: Answer
}

/** The facts after an account was linked. */
export interface LinkedContext extends MerchantContext {
  readonly binding: Answer
  readonly authCode: string
  /** The answer to the authCode before the customer had agreed. */
  readonly tooEarly: Answer
  readonly customerTokenAnswer: Answer
  readonly customerToken: string
}

/** The facts after a payment was confirmed. */
export interface PaidContext extends LinkedContext {
  readonly partnerReferenceNo: string
  readonly amount: string
  readonly payment: Answer
  /** Authorization-customer in the form that DOKU accepts. */
  readonly customerAuthorization: string
  /** Sends the payment request again. */
  readonly again: () => Promise<Answer>
  /** The status before the customer confirmed. */
  readonly beforeConfirming: Answer
}

export interface Observation {
  /** The real behaviour of DOKU. */
  readonly saw: string
  /** `open`: the probe could not see it. */
  readonly verdict: 'as assumed' | 'different' | 'open'
  /** The option to set, as text for the options. If there is none, another step to take. */
  readonly set?: string
}

/** One point that DOKU's pages leave open. */
export interface Question<On extends MerchantContext> {
  /** A conflict (`C`), an unknown (`U`) or a section (`§`) of https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md */
  readonly id: string
  readonly asks: string
  /** The assumption of express-doku-ovo without that option. */
  readonly assumed: string
  observe(context: On): Promise<Observation>
}

export interface Answered extends Observation {
  readonly id: string
  readonly asks: string
  readonly assumed: string
}

export const asAssumed = (saw: string): Observation => ({ saw, verdict: 'as assumed' })
export const different = (saw: string, set: string): Observation => ({ saw, verdict: 'different', set })
export const unseen = (saw: string): Observation => ({ saw, verdict: 'open' })

/** For points that no option changes. */
export const tellUs = 'no option for this yet: open an issue with this report'

/** Asks the questions one after the other, so that they do not disturb each other. An error ends only its own question. */
export async function askAll<On extends MerchantContext>(
  questions: readonly Question<On>[],
  context: On,
): Promise<Answered[]> {
  const answered: Answered[] = []
  for (const { id, asks, assumed, observe } of questions) {
    const observation = await observe(context).catch((error: Error) => unseen(error.message))
    answered.push({ id, asks, assumed, ...observation })
  }
  return answered
}

export function notReached(
  questions: readonly Pick<Question<never>, 'id' | 'asks' | 'assumed'>[],
  why: string,
): Answered[] {
  return questions.map(({ id, asks, assumed }) => ({ id, asks, assumed, ...unseen(why) }))
}

/** The id of a question as a link to its fact, in Markdown. */
export function linkTo(id: string): string {
  return `[${id}](${documentationUrl}/protocol.md#${id.replace('§', '').replace('.', '-').toLowerCase()})`
}
