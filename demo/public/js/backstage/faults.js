import { backstage } from '../api.js'
import { el, replace } from '../dom.js'
import { t } from '../language.js'

const scenarios = ['none', 'timeout', 'lost', 'duplicate', 'late', 'down']
const switches = ['database', 'hook']

/** The panel shows only the server's state, so a click that fails changes nothing. */
const send = (asked) => asked.catch(() => {})

/** The panel to choose faults. */
export function createFaults() {
  const element = el('section', { class: 'faults', 'aria-labelledby': 'faults-title', hidden: true })
  return {
    element,
    show(state) {
      element.hidden = false
      const content = state.canFail
        ? [scenarioChoice(state), ...switches.map((name) => switchBox(name, state[name])), clockRow(state)]
        : [el('p', { class: 'faint' }, t('noFaults'))]
      replace(element, el('h2', { id: 'faults-title' }, t('faults')), content)
    },
  }
}

function scenarioChoice({ scenario }) {
  const options = scenarios.map((name) =>
    el('option', { value: name, selected: name === scenario }, t(`scenario.${name}`)),
  )
  const change = (event) => send(backstage.play(event.target.value))
  const attributes = { id: 'scenario', 'data-focus': 'scenario', 'aria-describedby': 'scenario-text', on: { change } }
  return el(
    'div',
    { class: 'scenario' },
    el('label', { for: 'scenario', class: 'unseen' }, t('faults')),
    el('select', attributes, options),
    el('p', { class: 'small faint', id: 'scenario-text' }, t(`scenario.${scenario}.text`)),
  )
}

function switchBox(name, isOn) {
  const change = (event) => send(backstage.turn(name, event.target.checked))
  const input = el('input', { type: 'checkbox', name, checked: isOn, 'data-focus': name, on: { change } })
  const text = el('span', {}, el('b', {}, t(`switch.${name}`)), el('small', {}, t(`switch.${name}.text`)))
  return el('label', { class: 'switch' }, input, text)
}

function clockRow({ skippedMinutes }) {
  const ahead = skippedMinutes === 0 ? t('clockRight') : t('clockAhead', { minutes: skippedMinutes })
  const skip = (minutes, name) =>
    el(
      'button',
      { type: 'button', class: 'quiet small', 'data-focus': name, on: { click: () => send(backstage.skip(minutes)) } },
      t(name),
    )
  return el(
    'div',
    { class: 'clock' },
    el('span', {}, el('b', {}, t('clock')), ' ', el('small', { id: 'clock' }, ahead)),
    skip(1, 'skipMinute'),
    skip(16, 'skipQuarter'),
  )
}
