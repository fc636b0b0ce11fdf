import { act, isBusy, main, message } from './act.js'
import { shop } from './api.js'
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
  const refresh = async () => {
    const session = await shop.session()
    await showHeader(session, refresh)
    if (needs && session.person?.role !== needs) showSignIn(session, needs, refresh)
    else await show({ view, session, refresh })
  }
  await load(refresh)
  if (watch) watchWhileVisible(watch)
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
async function watchWhileVisible(watch) {
  await new Promise((resolve) => setTimeout(resolve, watchEveryMs))
  // What is missed now is seen the next time; a shop that is away says so when somebody clicks.
  if (!document.hidden && !isBusy()) await watch().catch(() => {})
  watchWhileVisible(watch)
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
