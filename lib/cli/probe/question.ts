import { documentationUrl } from '../../errors.ts'
import type { Settings } from '../../options/options.ts'
import type { Answer, DokuCalls } from './doku-calls.ts'
import type { Mailbox } from './mailbox.ts'

/** What is known so far. */
export interface Bench {
  readonly settings: Settings
  readonly calls: DokuCalls
  readonly mailbox: Mailbox
  /** How long a notification is waited for, in ms. */
  readonly waitMs: number
  readonly firstToken: Answer
}

/** An account has been linked. */
export interface LinkedBench extends Bench {
  readonly binding: Answer
  readonly authCode: string
  /** The exchange of the authCode before the customer had agreed. */
  readonly tooEarly: Answer
  readonly customerTokenAnswer: Answer
  readonly customerToken: string
}

/** A payment has been confirmed. */
export interface PaidBench extends LinkedBench {
  readonly partnerReferenceNo: string
  readonly amount: string
  readonly payment: Answer
  /** Authorization-customer in the spelling that DOKU takes. */
  readonly customerAuthorization: string
  /** The payment request, to be sent once more. */
  readonly again: () => Promise<Answer>
  /** The status before the customer had confirmed. */
  readonly beforeConfirming: Answer
}

export interface Observation {
  /** What DOKU really does. */
  readonly saw: string
  /** `open`: it could not be seen. */
  readonly verdict: 'as assumed' | 'otherwise' | 'open'
  /** The option to set, as it is written in the options; or what to do where there is none. */
  readonly set?: string
}

/** One thing that DOKU's pages leave open. */
export interface Question<On extends Bench> {
  /** As in https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md: a conflict, an unknown, or a section (`§11`). */
  readonly id: string
  readonly asks: string
  /** What express-doku-ovo takes for granted unless told otherwise. */
  readonly assumed: string
  look(bench: On): Promise<Observation>
}

export interface Answered extends Observation {
  readonly id: string
  readonly asks: string
  readonly assumed: string
}

export const asAssumed = (saw: string): Observation => ({ saw, verdict: 'as assumed' })
export const otherwise = (saw: string, set: string): Observation => ({ saw, verdict: 'otherwise', set })
export const unseen = (saw: string): Observation => ({ saw, verdict: 'open' })

/** The id of a question as a link to its fact, in Markdown. */
export function linkTo(id: string): string {
  return `[${id}](${documentationUrl}/protocol.md#${id.replace('§', '').replace('.', '-').toLowerCase()})`
}

/** Where no option helps. */
export const tellUs = 'no option does that yet: open an issue with this report'

/** Asks one after the other: DOKU's answers to one must not get into another's way. A lost answer costs one question. */
export async function askAll<On extends Bench>(questions: readonly Question<On>[], bench: On): Promise<Answered[]> {
  const answered: Answered[] = []
  for (const { id, asks, assumed, look } of questions) {
    const observation = await look(bench).catch((error: Error) => unseen(error.message))
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
