/** Whose pages may act here: in `allowedOrigins`. */
export const partner = 'https://www.shop.example'

/** What a browser, or a client that is none, says about where a request comes from. `own`: the origin of `publicUrl`. */
export const senders: { name: string; headers: Record<string, string>; isLetIn: boolean }[] = [
  { name: 'a client that is no browser', headers: {}, isLetIn: true },
  { name: 'our own page', headers: { 'sec-fetch-site': 'same-origin', origin: 'own' }, isLetIn: true },
  { name: 'our own page, without Origin', headers: { 'sec-fetch-site': 'same-origin' }, isLetIn: true },
  {
    name: 'our own page, seen under another name than publicUrl',
    headers: { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:3000' },
    isLetIn: true,
  },
  { name: 'the person, from the address bar', headers: { 'sec-fetch-site': 'none' }, isLetIn: true },
  { name: 'an old browser on our own page', headers: { origin: 'own' }, isLetIn: true },
  { name: 'a page of an allowed origin', headers: { 'sec-fetch-site': 'same-site', origin: partner }, isLetIn: true },
  {
    name: 'an allowed origin of another site',
    headers: { 'sec-fetch-site': 'cross-site', origin: partner },
    isLetIn: true,
  },
  { name: 'an old browser on an allowed origin', headers: { origin: partner }, isLetIn: true },
  {
    name: 'a page of another site',
    headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    isLetIn: false,
  },
  { name: 'another site that names no origin', headers: { 'sec-fetch-site': 'cross-site' }, isLetIn: false },
  {
    name: 'another site with our own origin',
    headers: { 'sec-fetch-site': 'cross-site', origin: 'own' },
    isLetIn: false,
  },
  {
    name: 'a sibling host',
    headers: { 'sec-fetch-site': 'same-site', origin: 'https://blog.shop.example' },
    isLetIn: false,
  },
  { name: 'a sandboxed frame', headers: { 'sec-fetch-site': 'cross-site', origin: 'null' }, isLetIn: false },
  { name: 'an old browser in a sandboxed frame', headers: { origin: 'null' }, isLetIn: false },
  { name: 'an old browser on another site', headers: { origin: 'https://evil.example' }, isLetIn: false },
  { name: 'an origin that begins like an allowed one', headers: { origin: `${partner}.evil.example` }, isLetIn: false },
  {
    name: 'an allowed origin with another scheme',
    headers: { origin: partner.replace('https', 'http') },
    isLetIn: false,
  },
  { name: 'an allowed origin with another port', headers: { origin: `${partner}:8443` }, isLetIn: false },
  { name: 'an empty origin', headers: { origin: '' }, isLetIn: false },
  { name: 'a word that browsers do not say', headers: { 'sec-fetch-site': 'same-origin, cross-site' }, isLetIn: false },
  { name: 'an empty Sec-Fetch-Site', headers: { 'sec-fetch-site': '' }, isLetIn: false },
]

/** Types that a page can send without asking first, or that only look like JSON. */
export const notJson = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json-seq',
  '',
  'x/application/json',
  'application/jsonp',
  'application/json x',
  'text/plain; application/json',
]
