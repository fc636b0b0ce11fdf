import { Refusal } from './api.js'
import { el } from './dom.js'
import { t } from './language.js'

export const main = document.getElementById('main')
export const message = el('p', { id: 'message', role: 'status' })

/** Shows a notice, also to screen readers. `tone`: good, bad, odd, or nothing. */
export function say(text, tone = '') {
  message.textContent = text
  message.className = tone
  if (text) message.scrollIntoView({ block: 'nearest' })
}

let busy = false
export const isBusy = () => busy

/** Runs one action at a time, so that a double click acts once. Returns whether it ran. */
export async function act(run) {
  if (busy) return false
  busy = true
  main.setAttribute('aria-busy', 'true')
  say('')
  try {
    await run()
    return true
  } catch (error) {
    say(describe(error), 'bad')
    if (!(error instanceof Refusal)) reportError(error)
    return false
  } finally {
    busy = false
    main.removeAttribute('aria-busy')
  }
}

/** The page's own text for an error, or else the text of the shop or the plug-in. */
export function describe(error) {
  if (!(error instanceof Refusal)) return t('problem.broken')
  const name = `problem.${error.code}`
  return t(t(name) === name ? 'problem.other' : name, { detail: error.message })
}
