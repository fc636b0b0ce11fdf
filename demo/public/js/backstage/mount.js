import { backstage } from '../api.js'
import { el, replace } from '../dom.js'
import { t } from '../language.js'
import { createDetails } from './details.js'
import { createDiagram } from './diagram.js'
import { createFaults } from './faults.js'

/** Puts the fault panel and the conversation into an element, and keeps them up to date. */
export function mountBackstage(place) {
  const details = createDetails()
  const diagram = createDiagram(details.show)
  const faults = createFaults()
  const clear = el(
    'button',
    { type: 'button', class: 'plain', on: { click: () => backstage.clear().catch(() => {}) } },
    t('clear'),
  )
  replace(
    place,
    faults.element,
    el(
      'section',
      { class: 'conversation', 'aria-labelledby': 'conversation-title' },
      el('div', { class: 'heading' }, el('h2', { id: 'conversation-title' }, t('conversation')), clear),
      diagram.element,
    ),
    details.element,
  )
  follow({ diagram, faults })
}

/** Closes the connection while the page is hidden. A browser allows six connections to one host, and every tab would keep one. */
function follow({ diagram, faults }) {
  let source
  const open = () => {
    source = new EventSource('/backstage/events')
    source.addEventListener('clear', diagram.clear)
    source.addEventListener('entry', ({ data }) => diagram.show(JSON.parse(data)))
    source.addEventListener('state', ({ data }) => faults.show(JSON.parse(data)))
  }
  const change = () => {
    source?.close()
    if (!document.hidden) open()
  }
  change()
  document.addEventListener('visibilitychange', change)
  addEventListener('pagehide', () => source?.close())
}
