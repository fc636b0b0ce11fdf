import { el, replace } from '../dom.js'
import { t } from '../language.js'
import { isText, say } from './text.js'

/** A dialog with all details of one entry. */
export function createDetails() {
  const title = el('h2', { id: 'details-title' })
  const body = el('div', { class: 'details' })
  const dialog = el('dialog', { 'aria-labelledby': 'details-title', id: 'details' })
  const close = el('button', { type: 'button', class: 'plain', on: { click: () => dialog.close() } }, t('close'))
  dialog.append(el('div', { class: 'heading' }, title, close), body)
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close())
  return {
    element: dialog,
    show(entry, label, from) {
      title.textContent = label
      replace(body, entry.details.map(section))
      dialog.showModal()
      // Some browsers do not give the focus back to an SVG element.
      dialog.addEventListener('close', () => from.focus(), { once: true })
    },
  }
}

function section({ name, value }) {
  const isTable = name === 'requestHeaders'
  return el(
    'section',
    { 'data-detail': name },
    el('h3', {}, t(`detail.${name}`)),
    isTable ? table(value) : block(value),
  )
}

function block(value) {
  const text = isText(value) ? say(value) : JSON.stringify(value, null, 2)
  return el('pre', { 'data-says': value?.words }, text)
}

function table(headers) {
  const rows = Object.entries(headers).map(([name, value]) =>
    el('tr', {}, el('th', { scope: 'row' }, name), el('td', {}, String(value))),
  )
  return el('table', {}, el('tbody', {}, rows))
}
