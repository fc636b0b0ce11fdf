import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { advance, isLive, statusFromDoku, tookMoney } from '../../../lib/flows/orders/payment-state.ts'
import { type PaymentStatus, paymentStatuses } from '../../../lib/model/views.ts'
import { readPage, root } from './markdown.ts'

const page = 'docs/payments.md'
const place = /(<!-- drawn by npm run docs -->\n)[\s\S]*?(<!-- end -->)/

interface Group {
  readonly id: string
  readonly title: string
  readonly statuses: readonly PaymentStatus[]
}

const groups: readonly Group[] = [
  { id: 'live', title: 'live: can still take money', statuses: paymentStatuses.filter(isLive) },
  {
    id: 'refused',
    title: 'refused; DOKU may change its mind',
    statuses: paymentStatuses.filter((status) => !isLive(status) && !tookMoney(status)),
  },
  { id: 'taken', title: 'took money', statuses: paymentStatuses.filter(tookMoney) },
]

const dokuCodes = ['00', '01', '02', '03', '04', '05', '06', '07']

function node(status: PaymentStatus): string {
  const codes = dokuCodes.filter((code) => statusFromDoku(code) === status)
  return codes.length === 0 ? `    ${status}` : `    ${status}["${status}<br>DOKU: ${codes.join(', ')}"]`
}

/** Inside a group only the shortest steps are drawn; a status can skip any of them. */
function steps(statuses: readonly PaymentStatus[]): string[] {
  return statuses.flatMap((from, index) => {
    const next = statuses[index + 1]
    return next !== undefined && advance(from, next) === next ? [`    ${from} --> ${next}`] : []
  })
}

const canMove = (from: Group, to: Group) =>
  from !== to && from.statuses.every((status) => to.statuses.every((news) => advance(status, news) === news))

/** The table of `lib/flows/orders/payment-state.ts` as a Mermaid flowchart. */
export function stateDiagram(): string {
  const boxes = groups.flatMap(({ id, title, statuses }) => [
    `  subgraph ${id}["${title}"]`,
    '    direction TB',
    ...statuses.map(node),
    ...steps(statuses),
    '  end',
  ])
  const moves = groups.flatMap((from) =>
    groups.filter((to) => canMove(from, to)).map((to) => `  ${from.id} --> ${to.id}`),
  )
  return ['flowchart LR', ...boxes, ...moves].join('\n')
}

/** The page with the diagram in its place. */
export function withDiagram(text: string): string {
  if (!place.test(text)) throw new Error(`${page} has no place for the diagram`)
  return text.replace(place, (_all, start, end) => `${start}\`\`\`mermaid\n${stateDiagram()}\n\`\`\`\n${end}`)
}

if (import.meta.filename === process.argv[1]) {
  writeFileSync(join(root, page), withDiagram(readPage(page)))
  console.log(`${page} is drawn`)
}
