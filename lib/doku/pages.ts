/** Where DOKU keeps its pages, and every host below it. @see protocol.md §0 */
const dokuHost = 'doku.com'

/** For the log: the host is told, and no more, because the address may end with a secret. */
export const foreignPage = 'DOKU named a page that is not on its own hosts; nobody is sent there'

/** What one reader of addresses drops or takes for a slash, and another does not; DOKU's addresses need none of it. */
const readInTwoWays = /[^\x21-\x7e]|\\/

/**
 * Whether a page is one to which a customer may be sent to enter a PIN: DOKU's own, over https, or one of the simulator
 * in use. Credentials in the address would only be there to make it look like another.
 */
export function isDokuPage(url: string, baseUrl: string): boolean {
  if (readInTwoWays.test(url) || !URL.canParse(url)) return false
  const { protocol, hostname, origin, username, password } = new URL(url)
  if (username !== '' || password !== '') return false
  const isDokus = protocol === 'https:' && (hostname === dokuHost || hostname.endsWith(`.${dokuHost}`))
  return isDokus || origin === new URL(baseUrl).origin
}
