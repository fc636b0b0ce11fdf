import { words } from './words.js'

const languages = ['en', 'id']

function chosen() {
  const kept = localStorage.getItem('language')
  if (languages.includes(kept)) return kept
  return navigator.languages.map((one) => one.slice(0, 2)).find((one) => languages.includes(one)) ?? 'en'
}

export const language = chosen()
document.documentElement.lang = language

/** The text with that name. Fills in values such as `{name}`. */
export function t(name, values = {}) {
  const text = words[name]?.[languages.indexOf(language)] ?? name
  return text.replace(/\{(\w+)\}/g, (_all, key) => String(values[key] ?? ''))
}

/** Stores the language and reloads the page. */
export function choose(next) {
  localStorage.setItem('language', next)
  location.reload()
}

/** The title of an item or of a line of an order. */
export const titleOf = ({ title, judul }) => (language === 'id' ? judul : title)

export { languages }

const rupiah = new Intl.NumberFormat('id-ID', { style: 'currency', currency: 'IDR', maximumFractionDigits: 0 })

/** @param value rupiah, a number or text with two decimals */
export const money = (value) => rupiah.format(Number(value)).replace(/\s/, '')

const time = new Intl.DateTimeFormat(language === 'id' ? 'id-ID' : 'en-GB', { dateStyle: 'medium', timeStyle: 'short' })

/** @param text ISO 8601 */
export const when = (text) => time.format(new Date(text))
