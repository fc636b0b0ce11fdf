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
 * Starts a page: the header, who is signed in, and then `show`, again after every sign-in and whenever it calls `refresh`.
 * `needs` is the role that the page is for. `watch` runs every now and then, while somebody looks.
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
  // Who has signed out in another tab is asked to sign in here, too.
  const look = () => isShown && watch().catch((error) => isRefused(error) && act(refresh))
  if (watch) watchWhileVisible(look)
  // A page that Back has brought to life again shows what was true before.
  addEventListener('pageshow', (event) => event.persisted && act(refresh))
  mountDock()
}

/** A page that has nothing to show offers to ask again. */
async function load(refresh) {
  if ((await act(refresh)) || view.hasChildNodes()) return
  replace(view, el('p', {}, el('button', { type: 'button', on: { click: () => load(refresh) } }, t('reload'))))
}

function showSignIn({ people }, needs, refresh) {
  const text = t(needs === 'operator' ? 'signInOperator' : 'signInText')
  const fitting = people.filter(({ role }) => role === needs)
  replace(view, signInCard(text, fitting, refresh))
}

/** Asks again and again how things stand; not while nobody looks, and not while a click is being dealt with. */
async function watchWhileVisible(look) {
  await new Promise((resolve) => setTimeout(resolve, watchEveryMs))
  if (!document.hidden && !isBusy()) await look()
  watchWhileVisible(look)
}

/** Anything else that goes wrong is over the next time, or told when somebody clicks. */
function isRefused(error) {
  return error instanceof Refusal && [401, 403].includes(error.status)
}

/** On a wide screen, the conversation stands beside every page but its own. */
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
