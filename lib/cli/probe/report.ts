import type { Settings } from '../../options/options.ts'
import { type Answered, linkTo } from './question.ts'

export interface Walk {
  readonly settings: Settings
  /** ISO 8601. */
  readonly at: string
  readonly version: string
  readonly answered: readonly Answered[]
  readonly log: readonly string[]
  /** Why it did not get to the end. */
  readonly endedEarly: string | undefined
}

/** What only time, or DOKU's people, can tell. */
const notAsked = [
  [
    'U-7',
    'how long DOKU waits for the merchant, and whether a retry carries the same X-EXTERNAL-ID: let an app answer 500, and look half an hour later',
  ],
  ['U-8', 'when the day of an X-EXTERNAL-ID begins: ours are unique for ever'],
  ['U-9', 'from which addresses DOKU calls: ask DOKU, if your firewall needs them'],
  ['U-11', 'how the notification URL is overridden per request: ours is the dashboard’s'],
  ['U-12', 'whether production serves the archived paths: ask DOKU before going live'],
  ['U-13', 'until when, and how often, OVO payments can be refunded: it is in your contract'],
  ['U-14', 'when an unconfirmed payment expires: leave one alone, and ask for its status later'],
  ['U-15', 'whether a fee is added, and whether CASH and POINTS can be split: it is in your contract'],
] as const

const marks = { 'as assumed': 'as assumed', otherwise: '**otherwise**', open: 'not seen' } as const

export function whatToSet(answered: readonly Answered[]): string[] {
  return answered.flatMap(({ id, set }) => (set === undefined ? [] : [`${id}: ${set}`]))
}

/** Markdown, to keep, and to send to us or to DOKU: there are no secrets in it. */
export function report({ settings, at, version, answered, log, endedEarly }: Walk): string {
  const sets = whatToSet(answered)
  const rows = answered.map(({ id, asks, assumed, saw, verdict, set }) => [
    linkTo(id),
    asks,
    saw,
    marks[verdict],
    assumed,
    set ?? '',
  ])
  return `# What DOKU does

Seen by \`express-doku-ovo probe\` ${version} on ${at}, at ${settings.baseUrl}, client ${settings.clientId}, api ${settings.api}.
${endedEarly === undefined ? '' : `\n**It did not get to the end:** ${endedEarly}\n`}
## What to set

${sets.length === 0 ? 'Nothing: the options fit.' : sets.map((line) => `- ${line}`).join('\n')}

## Question by question

Each id links to its fact: C is a conflict of DOKU's pages, U an unknown, § a section.

${table(['', 'question', 'DOKU', 'as assumed?', 'assumed', 'set'], rows)}

## Not asked

${notAsked.map(([id, what]) => `- ${linkTo(id)}: ${what}.`).join('\n')}

## Every call

${log.map((line) => `- ${inCell(line)}`).join('\n')}
`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(inCell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replace(/\s+/g, ' ')
}
