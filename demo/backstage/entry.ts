/** Who talks. */
type Party = 'browser' | 'shop' | 'plugin' | 'doku' | 'ovo'

/** `pending`: no answer yet. `odd`: neither good nor bad, something to look at. */
export type Tone = 'pending' | 'good' | 'bad' | 'odd'

/** Text as it is, or, where it is ours, the name of a text in the pages' words and what to fill in. */
export type Text = string | { readonly words: string; readonly values?: Readonly<Record<string, string>> }

/** A part of what was said, to be looked at: text, or names with values, or JSON. */
export interface Detail {
  readonly name: DetailName
  readonly value: unknown
}

export type DetailName =
  | 'request'
  | 'requestHeaders'
  | 'requestBody'
  | 'stringToSign'
  | 'answer'
  | 'responseBody'
  | 'verdict'
  | 'fault'
  | 'duration'
  | 'event'

/** One arrow of the diagram, or a note on a lifeline (`from` and `to` are the same). */
export interface Entry {
  readonly id: number
  /** ISO 8601, by the demo's clock. */
  readonly at: string
  readonly from: Party
  readonly to: Party
  /** What is asked or said, e.g. `POST /ovo/payments`. */
  readonly title: Text
  /** What was answered, e.g. `201`. */
  readonly answer: string
  readonly tone: Tone
  /** It never arrived. */
  readonly isLost?: boolean
  /** It may have arrived, but no answer ever did. */
  readonly isUnanswered?: boolean
  readonly details: readonly Detail[]
}

export type Draft = Omit<Entry, 'id' | 'at'>

/** Details without those that are not there. */
export function detailsOf(values: Readonly<Partial<Record<DetailName, unknown>>>): Detail[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [{ name: name as DetailName, value }],
  )
}
