import { el } from './dom.js'
import { t } from './language.js'

const live = ['sending', 'unknown', 'processing', 'awaiting-customer']
const good = ['paid', 'active', 'succeeded']
const bad = ['failed', 'cancelled', 'unlinked']
const odd = ['unknown']

export const isLive = ({ status }) => live.includes(status)
export const tookMoney = ({ status }) => ['paid', 'partially-refunded', 'refunded'].includes(status)

/** The attempt that took the money, or else the newest attempt. */
export function standingOf(payments) {
  return payments.find(tookMoney) ?? payments.at(-1)
}

export function toneOf(status) {
  if (good.includes(status)) return 'good'
  if (bad.includes(status)) return 'bad'
  return odd.includes(status) ? 'odd' : ''
}

export function badge(status) {
  return el('span', { class: `badge ${toneOf(status)}`, 'data-status': status }, t(`status.${status}`))
}
