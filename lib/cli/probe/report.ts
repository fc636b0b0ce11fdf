import type { Settings } from '../../options/options.ts'
import { type Answered, linkTo } from './question.ts'

export interface ProbeResult {
  readonly settings: Settings
  /** ISO 8601. */
  readonly at: string
  readonly version: string
  readonly answered: readonly Answered[]
  readonly log: readonly string[]
  /** The reason why the probe ended early. */
  readonly endedEarly: string | undefined
}

/** The open points that only time or DOKU's staff can answer. */
const notAsked = [
  [
    'U-7',
    'how long DOKU waits for the merchant, and whether a retry has the same X-EXTERNAL-ID: let an app answer 500, and check half an hour later',
  ],
  ['U-8', 'when the day of an X-EXTERNAL-ID begins: ours are unique forever'],
  ['U-9', 'from which addresses DOKU calls: ask DOKU if your firewall needs them'],
  ['U-11', 'how a request overrides the notification URL: the plug-in uses the dashboard’s'],
  ['U-12', 'whether production serves the archived paths: ask DOKU before going live'],
  ['U-13', 'until when and how often OVO payments can be refunded: see your contract'],
  ['U-14', 'when an unconfirmed payment expires: leave one unconfirmed, and check its status later'],
  ['U-15', 'whether a fee is added, and whether CASH and POINTS can be split: see your contract'],
] as const

const marks = { 'as assumed': 'as assumed', different: '**different**', open: 'not seen' } as const

export function whatToSet(answered: readonly Answered[]): string[] {
  return answered.flatMap(({ id, set }) => (set === undefined ? [] : [`${id}: ${set}`]))
}

/** The report as Markdown. It has no secrets, so it can be sent to us or to DOKU. */
export function report({ settings, at, version, answered, log, endedEarly }: ProbeResult): string {
  const sets = whatToSet(answered)
  const rows = answered.map(({ id, asks, assumed, saw, verdict, set }) => [
    linkTo(id),
    asks,
    saw,
    marks[verdict],
    assumed,
    set ?? '',
  ])
  return `# Behaviour of DOKU

Observed by \`express-doku-ovo probe\` ${version} on ${at}, at ${settings.baseUrl}, client ${settings.clientId}, api ${settings.api}.
${endedEarly === undefined ? '' : `\n**The probe ended early:** ${endedEarly}\n`}
## Options to set

${sets.length === 0 ? 'None: the options fit.' : sets.map((line) => `- ${line}`).join('\n')}

## Question by question

Each id links to its fact. C means that DOKU's pages contradict each other, U that they are silent, § is a section.

${table(['', 'question', 'DOKU', 'as assumed?', 'assumed', 'set'], rows)}

## Not asked

${notAsked.map(([id, what]) => `- ${linkTo(id)}: ${what}.`).join('\n')}

## All calls

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
