import { el, svg } from '../dom.js'
import { t } from '../language.js'
import { drawRow, heightOf, heights } from './row.js'

const parties = ['browser', 'shop', 'plugin', 'doku', 'ovo']
const narrowest = 280
const shownAtMost = 200

/** A sequence diagram that grows. Draws each entry, and draws it again when its answer comes. */
export function createDiagram(onChoose) {
  const lifelines = svg('g', { class: 'lifelines' })
  const rows = svg('g')
  const picture = svg('svg', { class: 'picture', role: 'group', 'aria-label': t('conversation') }, lifelines, rows)
  const nothing = el('p', { class: 'faint nothing' }, t('nothingSaid'))
  const frame = el('div', { class: 'frame' }, partyNames(), nothing, picture)
  /** By the number of the entry, oldest first. */
  const drawn = new Map()
  let width = narrowest

  const laneOf = (party) => ((parties.indexOf(party) + 0.5) * width) / parties.length

  const draw = ({ group, entry }) => {
    drawRow(group, entry, { from: laneOf(entry.from), to: laneOf(entry.to), width }, onChoose)
  }

  const layOut = () => {
    let y = 0
    for (const { group, entry } of drawn.values()) {
      group.setAttribute('transform', `translate(0 ${y})`)
      y += heightOf(entry)
    }
    const height = Math.max(y + 12, frame.clientHeight - 48)
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) {
      picture.setAttribute(name, String(value))
    }
    lifelines.replaceChildren(...parties.map((party) => lifeline(laneOf(party), height)))
    showPicture(drawn.size > 0)
  }

  /** Hides an empty picture. It would only make the frame scroll, and the keyboard could reach nothing in it. */
  const showPicture = (isWanted) => {
    nothing.hidden = isWanted
    picture.toggleAttribute('hidden', !isWanted)
  }

  const show = (entry) => {
    // The browser measures only visible text.
    showPicture(true)
    const row = drawn.get(entry.id) ?? { group: svg('g') }
    row.entry = entry
    if (!drawn.has(entry.id)) rows.append(row.group)
    drawn.set(entry.id, row)
    draw(row)
    for (const id of drawn.keys()) if (drawn.size > shownAtMost) forget(id)
  }

  const forget = (id) => {
    drawn.get(id).group.remove()
    drawn.delete(id)
  }

  /** Scrolls to the end, unless the person has scrolled up. */
  let isFollowing = true
  const atEnd = () => frame.scrollHeight - frame.scrollTop - frame.clientHeight < 2 * heights.exchange
  const follow = () => {
    if (isFollowing) frame.scrollTop = frame.scrollHeight
  }
  frame.addEventListener('scroll', () => {
    isFollowing = atEnd()
  })

  const clear = () => {
    drawn.clear()
    rows.replaceChildren()
    isFollowing = true
    layOut()
  }

  new ResizeObserver(() => {
    const isOther = width !== Math.max(narrowest, frame.clientWidth)
    width = Math.max(narrowest, frame.clientWidth)
    if (isOther) for (const row of drawn.values()) draw(row)
    layOut()
    follow()
  }).observe(frame)

  return {
    element: frame,
    clear,
    show(entry) {
      show(entry)
      layOut()
      follow()
    },
  }
}

function lifeline(x, height) {
  return svg('line', { x1: x, x2: x, y1: 0, y2: height })
}

/** The heads of the lifelines, as HTML above the picture, so that they stay while the picture scrolls. */
function partyNames() {
  const names = parties.map((party) => el('span', { class: party }, t(`party.${party}`)))
  return el('div', { class: 'parties', 'aria-hidden': 'true' }, names)
}
