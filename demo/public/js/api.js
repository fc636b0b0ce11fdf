/** A refusal of the shop or the plug-in. Only the plug-in's refusals have a `code`. */
export class Refusal extends Error {
  constructor(status, { detail, code } = {}) {
    super(detail ?? '')
    this.status = status
    this.code = code ?? (status === 0 ? 'UNREACHABLE' : undefined)
  }
}

async function request(method, path, body) {
  const init = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(path, { method, ...init }).catch(() => {
    throw new Refusal(0)
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  const answer = isJson && text !== '' ? JSON.parse(text) : {}
  if (!response.ok) throw new Refusal(response.status, answer)
  return answer
}

/** Accepts an empty answer too. */
function orNothing(error) {
  if (error instanceof Refusal && error.status === 404) return undefined
  throw error
}

const part = encodeURIComponent

export const shop = {
  session: () => request('GET', '/api/session'),
  signIn: (personId) => request('POST', '/api/session', { personId }),
  signOut: () => request('DELETE', '/api/session'),
  catalogue: () => request('GET', '/api/catalogue'),
  basket: () => request('GET', '/api/basket'),
  put: (itemId, quantity) => request('PUT', `/api/basket/${part(itemId)}`, { quantity }),
  orders: () => request('GET', '/api/orders'),
  order: (basketId, oneClick) => request('POST', '/api/orders', { basketId, oneClick }),
}

/** Calls the plug-in's own routes. */
export const ovo = {
  binding: () => request('GET', '/ovo/bindings').catch(orNothing),
  link: (phoneNo) => request('POST', '/ovo/bindings', { phoneNo }),
  unlink: () => request('DELETE', '/ovo/bindings'),
  balance: () => request('GET', '/ovo/balance'),
  pay: (orderId, payMethod) => request('POST', '/ovo/payments', { orderId, payMethod }),
  payment: (reference) => request('GET', `/ovo/payments/${part(reference)}`),
  refund: (reference, wish) => request('POST', `/ovo/payments/${part(reference)}/refunds`, wish),
}

export const operator = {
  overview: () => request('GET', '/operator/api/overview'),
  reconcile: () => request('POST', '/operator/api/reconciliation'),
  redeliver: (eventId) => request('POST', `/operator/api/parked/${part(eventId)}`),
}

export const backstage = {
  clear: () => request('POST', '/backstage/clear'),
  play: (scenario) => request('POST', '/backstage/scenario', { scenario }),
  turn: (name, isOn) => request('POST', '/backstage/switch', { name, isOn }),
  skip: (minutes) => request('POST', '/backstage/clock', { minutes }),
}
