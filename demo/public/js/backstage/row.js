import { svg } from '../dom.js'
import { t } from '../language.js'
import { say } from './text.js'

/** Heights in px: an arrow with an answer, an arrow without one, and a note. */
export const heights = { exchange: 60, message: 40, note: 42 }
const margin = 6
const headSize = 7

export function heightOf({ from, to, answer, tone }) {
  if (from === to) return heights.note
  return answer || tone === 'pending' ? heights.exchange : heights.message
}

/** Draws one entry: an arrow with the message, and an arrow back with the answer; or a note on a lifeline. */
export function drawRow(group, entry, place, onChoose) {
  const target =
    group.firstElementChild ?? svg('rect', { class: 'target', role: 'button', tabindex: 0, x: 2, y: 2, rx: 8 })
  group.setAttribute('class', `row ${entry.tone}`)
  // Keep the button while the row is drawn again, because it may have the focus.
  for (const drawn of [...group.children].slice(1)) drawn.remove()
  if (!target.parentNode) group.append(target)
  makeButton(target, entry, place, onChoose)
  if (entry.from === entry.to) drawNote(group, entry, place)
  else drawExchange(group, entry, place)
}

/** The whole row is a button. It carries the full label, because the drawn text is shortened. */
function makeButton(target, entry, { width }, onChoose) {
  const label = labelOf(entry)
  const choose = () => onChoose(entry, label, target)
  target.setAttribute('aria-label', label)
  target.setAttribute('width', width - 4)
  target.setAttribute('height', heightOf(entry) - 4)
  target.onclick = choose
  target.onkeydown = (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return
    event.preventDefault()
    choose()
  }
}

function labelOf({ from, to, title, answer, tone, isLost }) {
  const said = from === to ? t('at', { party: t(`party.${from}`), title: say(title) }) : fromTo(from, to, title)
  const end = isLost ? t('lost') : tone === 'pending' ? t('noAnswerYet') : answer
  return end ? `${said}, ${end}` : said
}

const fromTo = (from, to, title) => t('fromTo', { from: t(`party.${from}`), to: t(`party.${to}`), title: say(title) })

function drawNote(group, { title }, { from, width }) {
  const text = svg('text', { class: 'pill-text', y: 25, 'aria-hidden': 'true' }, say(title))
  group.append(text)
  const half = text.getComputedTextLength() / 2 + 12
  const middle = Math.min(Math.max(from, half + margin), width - half - margin)
  text.setAttribute('x', String(middle))
  text.before(svg('rect', { class: 'pill', x: middle - half, y: 7, width: half * 2, height: 27, rx: 13.5 }))
}

function drawExchange(group, { title, answer, isLost, isUnanswered, tone }, { from, to, width }) {
  const towards = Math.sign(to - from)
  const end = isLost ? (from + to) / 2 : to
  group.append(
    svg('line', { class: 'ask', x1: from, x2: end - towards * headSize, y1: 25, y2: 25 }),
    isLost ? cross(end, 25) : head(end, 25, towards),
  )
  caption(group, 'asked', shorten(say(title)), 18, (from + to) / 2, width)
  if (isLost) return caption(group, 'answered', t('lost'), 44, (from + to) / 2, width)
  if (tone === 'pending')
    return group.append(svg('line', { class: 'answer waiting', x1: to, x2: from, y1: 38, y2: 38 }))
  if (!answer) return
  const arrival = isUnanswered ? (from + to) / 2 : from
  group.append(
    svg('line', { class: 'answer', x1: to, x2: arrival + towards * headSize, y1: 38, y2: 38 }),
    isUnanswered ? cross(arrival, 38) : head(from, 38, -towards),
  )
  caption(group, 'answered', answer, 53, (from + to) / 2, width)
}

function head(x, y, towards) {
  const back = x - towards * headSize
  return svg('path', { class: 'head', d: `M${back} ${y - 4}L${x} ${y}L${back} ${y + 4}z` })
}

function cross(x, y) {
  return svg('path', { class: 'cross', d: `M${x - 5} ${y - 5}l10 10M${x + 5} ${y - 5}l-10 10` })
}

/** Text in the middle of its arrow, shortened to the room in the picture. */
function caption(group, name, words, y, middle, width) {
  const text = svg('text', { class: name, y, 'aria-hidden': 'true' }, words)
  group.append(text)
  const half = text.getComputedTextLength() / 2
  text.setAttribute(
    'x',
    String(Math.min(Math.max(middle, half + margin), Math.max(width - half - margin, half + margin))),
  )
}

const longestPath = 34

/** Keeps the end of a path, because paths such as `/direct-debit/core/v1/debit/payment-host-to-host` differ at the end. */
function shorten(title) {
  const [method, path = '', ...rest] = title.split(' ')
  if (!path.startsWith('/') || path.length <= longestPath) return title
  const parts = path.split('/')
  let end = parts.pop()
  while (parts.length > 1 && end.length + parts.at(-1).length < longestPath) end = `${parts.pop()}/${end}`
  return [method, `…/${end}`, ...rest].join(' ')
}
