import { mountBackstage } from './backstage/mount.js'
import { el, replace } from './dom.js'
import { t } from './language.js'
import { startPage } from './shell.js'

let isMounted = false

startPage({
  async show({ view }) {
    if (isMounted) return
    isMounted = true
    const place = el('div', { id: 'dock', class: 'whole' })
    replace(view, el('h1', {}, t('backstage')), intro(), place)
    mountBackstage(place)
  },
})

function intro() {
  return el('p', { class: 'faint' }, `${t('backstageText')} `, el('a', { href: '/metrics' }, t('counters')))
}
