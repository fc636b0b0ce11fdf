import { act, main } from './act.js'
import { shop } from './api.js'
import { el } from './dom.js'
import { t } from './language.js'

/** A card with a button for each person. */
export function signInCard(text, people, onSignIn) {
  return el(
    'section',
    { class: 'card', id: 'sign-in' },
    el('h1', {}, t('signInTitle')),
    el('p', { class: 'faint' }, text),
    el(
      'div',
      { class: 'choices' },
      people.map((person) => personButton(person, onSignIn)),
    ),
  )
}

function personButton({ id, name, role }, onSignIn) {
  const signIn = async () => {
    await shop.signIn(id)
    await onSignIn()
    main.focus()
  }
  return el(
    'button',
    { type: 'button', class: 'choice', on: { click: () => act(signIn) } },
    el('span', { class: 'avatar', 'aria-hidden': 'true' }, name.slice(0, 1)),
    el('span', { class: 'unseen' }, t('signInAs')),
    el('span', {}, el('b', {}, name), el('small', {}, t(role === 'operator' ? 'operatorRole' : 'customer'))),
  )
}
