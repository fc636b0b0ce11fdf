import { Refusal } from './api.js'
import { el } from './dom.js'
import { t } from './language.js'

export const main = document.getElementById('main')
export const message = el('p', { id: 'message', role: 'status' })

/** Tells the person something, also who hears the page. `tone`: good, bad, odd, or nothing. */
export function say(text, tone = '') {
  message.textContent = text
  message.className = tone
  if (text) message.scrollIntoView({ block: 'nearest' })
}

let busy = false
export const isBusy = () => busy

/** Runs what a click asks for, one at a time: what was clicked twice is done once. Says whether it was done. */
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

/** In the words of the page where it has some, and else in those of the shop or the plug-in. */
export function describe(error) {
  if (!(error instanceof Refusal)) return t('problem.broken')
  const name = `problem.${error.code}`
  return t(t(name) === name ? 'problem.other' : name, { detail: error.message })
}
