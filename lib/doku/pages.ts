/**
 * DOKU's pages are on this host and on the hosts below it.
 * @see https://github.com/express-doku-ovo/express-doku-ovo/blob/main/docs/protocol.md#0
 */
const dokuHost = 'doku.com'

/** A log message. Log the page's host with it and nothing else, because the address can end with a secret. */
export const foreignPage = 'DOKU named a page that is not on its own hosts; nobody is sent there'

/** Some URL parsers drop these characters or read them as a slash, and others do not. DOKU's addresses need none of them. */
const readInTwoWays = /[^\x21-\x7e]|\\/

/**
 * Whether a customer may enter her PIN on this page: it is DOKU's own, over https, or one of the simulator in use. An
 * address with credentials is refused, because they only make it look like another address.
 * @param baseUrl the address of DOKU or of the simulator
 */
export function isDokuPage(url: string, baseUrl: string): boolean {
  if (readInTwoWays.test(url) || !URL.canParse(url)) return false
  const { protocol, hostname, origin, username, password } = new URL(url)
  if (username !== '' || password !== '') return false
  const isDokus = protocol === 'https:' && (hostname === dokuHost || hostname.endsWith(`.${dokuHost}`))
  return isDokus || origin === new URL(baseUrl).origin
}
