/** What the shop, or the plug-in, said no with. `code` is one of the plug-in's, when it was the plug-in. */
export class Refusal extends Error {
  /** @param {number} status @param {{ detail?: string, code?: string }} problem */
  constructor(status, problem) {
    super(problem.detail ?? 'Something went wrong; try again.')
    this.status = status
    this.code = problem.code
  }
}

async function request(method, path, body) {
  const init = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(path, { method, ...init }).catch(() => {
    throw new Refusal(0, { detail: 'The shop cannot be reached.' })
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  const answer = isJson && text !== '' ? JSON.parse(text) : {}
  if (!response.ok) throw new Refusal(response.status, answer)
  return answer
}

/** Nothing there is an answer, too. */
function orNothing(error) {
  if (error instanceof Refusal && error.status === 404) return undefined
  throw error
}

export const shop = {
  session: () => request('GET', '/session'),
  signIn: (customerId) => request('POST', '/session', { customerId }),
  signOut: () => request('DELETE', '/session'),
  orders: () => request('GET', '/orders'),
}

export const ovo = {
  binding: () => request('GET', '/ovo/bindings').catch(orNothing),
  link: (phoneNo) => request('POST', '/ovo/bindings', { phoneNo }),
  unlink: () => request('DELETE', '/ovo/bindings'),
  balance: () => request('GET', '/ovo/balance'),
  pay: (orderId) => request('POST', '/ovo/payments', { orderId }),
  payment: (reference) => request('GET', `/ovo/payments/${encodeURIComponent(reference)}`),
}
