import { act, isBusy, main, message } from './act.js'
import { Refusal, shop } from './api.js'
import { mountBackstage } from './backstage/mount.js'
import { el, replace } from './dom.js'
import { showHeader } from './header.js'
import { t } from './language.js'
import { signInCard } from './sign-in.js'

const page = document.body.dataset.page
const view = el('div', { id: 'view' })
const watchEveryMs = 1500

/**
 * Starts a page: loads the signed-in person, draws the header and calls `show`. Calls `show` again after every sign-in and every
 * `refresh`. `needs` is the role that the page needs. `watch` runs regularly while the page is visible.
 */
export async function startPage({ needs, show, watch }) {
  document.title = `${t(page)} – ${t('shopName')}`
  document.querySelector('.skip').textContent = t('skip')
  replace(main, message, view)
  let isShown = false
  const refresh = async () => {
    const session = await shop.session()
    isShown = !needs || session.person?.role === needs
    await showHeader(session, refresh)
    if (isShown) await show({ view, session, refresh })
    else showSignIn(session, needs, refresh)
  }
  await load(refresh)
  // A person who signed out in another tab must sign in here too.
  const look = () => isShown && watch().catch((error) => isRefused(error) && act(refresh))
  if (watch) watchWhileVisible(look)
  // After Back, the browser may show the page with its old state.
  addEventListener('pageshow', (event) => event.persisted && act(refresh))
  mountDock()
}

/** Shows a button to try again on a page that could not load. */
async function load(refresh) {
  if ((await act(refresh)) || view.hasChildNodes()) return
  replace(view, el('p', {}, el('button', { type: 'button', on: { click: () => load(refresh) } }, t('reload'))))
}

function showSignIn({ people }, needs, refresh) {
  const text = t(needs === 'operator' ? 'signInOperator' : 'signInText')
  const fitting = people.filter(({ role }) => role === needs)
  replace(view, signInCard(text, fitting, refresh))
}

/** Runs `watch` regularly, but not while the page is hidden or an action runs. */
async function watchWhileVisible(look) {
  await new Promise((resolve) => setTimeout(resolve, watchEveryMs))
  if (!document.hidden && !isBusy()) await look()
  watchWhileVisible(look)
}

/** Ignores other errors: the next run repeats the request, and a click shows its own error. */
function isRefused(error) {
  return error instanceof Refusal && [401, 403].includes(error.status)
}

/** On a wide screen, every page but the backstage page shows the conversation beside it. */
function mountDock() {
  const wide = matchMedia('(min-width: 75rem)')
  const mount = () => {
    if (page === 'backstage' || !wide.matches || document.getElementById('dock')) return
    const dock = el('aside', { id: 'dock', 'aria-label': t('backstage') })
    document.getElementById('stage').append(dock)
    mountBackstage(dock)
  }
  mount()
  wide.addEventListener('change', mount)
}
