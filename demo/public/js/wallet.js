import { act } from './act.js'
import { ovo, Refusal } from './api.js'
import { el } from './dom.js'
import { money, t } from './language.js'

/** The state of the customer's OVO account. If the balance is not available, the rest is shown without it. */
export async function readWallet() {
  const binding = await ovo.binding()
  if (binding?.status !== 'active') return { binding }
  try {
    return { binding, balance: await ovo.balance() }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { binding: await ovo.binding() }
  }
}

export const isLinked = ({ binding }) => binding?.status === 'active'

export const showBalance = (amount) => (amount ? money(amount.value) : t('balanceUnknown'))

/** Asks for the phone number, then goes to OVO's page. */
export function linkForm({ binding }, hint) {
  const link = async (event) => {
    const { redirectUrl } = await ovo.link(event.target.elements.phoneNo.value)
    location.assign(redirectUrl)
  }
  const submit = (event) => {
    event.preventDefault()
    act(() => link(event))
  }
  return el(
    'form',
    { id: 'link', on: { submit } },
    binding?.redirectUrl && unfinished(binding.redirectUrl),
    el('label', { for: 'phone' }, t('phone')),
    el(
      'div',
      { class: 'row' },
      el('input', {
        id: 'phone',
        name: 'phoneNo',
        type: 'tel',
        autocomplete: 'tel',
        required: true,
        maxlength: 40,
        value: hint?.phoneNo,
      }),
      el('button', { type: 'submit' }, t('link')),
    ),
    hint && simulatorHint(hint),
  )
}

function unfinished(redirectUrl) {
  return el('p', { class: 'note' }, `${t('unfinished')} `, el('a', { href: redirectUrl }, t('goOnAtOvo')))
}

function simulatorHint(hint) {
  return el('p', { class: 'hint' }, el('b', {}, `${t('hintTitle')}: ${t('hint', hint)}. `), t('hintMore'))
}
