import type { InboundRequest } from '../../lib/doku/inbound.ts'
import { type Draft, draft, type Kind, request } from './genuine.ts'

/** Everything that DOKU may write differently without meaning something else. */

type Respell = (body: string) => Partial<Draft>

const pretty = (indent: number | string) => (body: string) => JSON.stringify(JSON.parse(body), null, indent)
const sentAs = (respell: (body: string) => string) => (body: string) => ({ body: respell(body), signedBody: body })
const signedAs = (respell: (body: string) => string) => (body: string) => ({ body: respell(body) })
const at = (timestamp: string) => () => ({ timestamp })

const drafts: Readonly<Record<string, Respell>> = {
  minified: () => ({}),
  'indented, signed minified': sentAs(pretty(2)),
  'indented by tabs, signed minified': sentAs(pretty('\t')),
  'with CRLF, signed minified': sentAs((body) => pretty(4)(body).replaceAll('\n', '\r\n')),
  'with blanks around it, signed minified': sentAs((body) => ` \r\n\t${body}\n`),
  'indented, signed as sent': signedAs(pretty(2)),
  'with escapes, signed as sent': signedAs((body) =>
    body.replaceAll(/[^ -~]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`),
  ),
  'with escaped slashes and keys': signedAs((body) =>
    body.replace('"additionalInfo"', '"additional\\u0049nfo"').replaceAll('/', '\\/'),
  ),
  'in another order': signedAs((body) =>
    JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(body)).reverse())),
  ),
  'with fields that we do not know': signedAs((body) =>
    body.replace(/\}$/, ',"x":[1,2.50,null,{"y":1e3}],"constructor":1}'),
  ),
  'at +07:00': at('2026-03-01T12:00:00+07:00'),
  'at +0700': at('2026-03-01T12:00:00+0700'),
  'with milliseconds': at('2026-03-01T05:00:00.123Z'),
  'with microseconds at +07:00': at('2026-03-01T12:00:00.123456+07:00'),
  'in basic format': at('20260301T050000Z'),
  'four minutes ago': at('2026-03-01T04:56:00Z'),
  'four minutes ahead': at('2026-03-01T05:04:00Z'),
}

type Reheader = (headers: Record<string, string>) => Record<string, string>

const reheaded: Readonly<Record<string, Reheader>> = {
  'a bearer in lower case': ({ authorization = '', ...rest }) => ({
    ...rest,
    authorization: authorization.replace('Bearer', 'bearer'),
  }),
  'a bearer in upper case': ({ authorization = '', ...rest }) => ({
    ...rest,
    authorization: authorization.replace('Bearer', 'BEARER'),
  }),
  'no content type': ({ 'content-type': _type, ...rest }) => rest,
  'a charset': (headers) => ({ ...headers, 'content-type': 'application/json; charset=UTF-8' }),
  'no X-EXTERNAL-ID': ({ 'x-external-id': _id, ...rest }) => rest,
  'headers of a proxy': (headers) => ({ ...headers, 'x-forwarded-for': '1.2.3.4', 'channel-id': 'H2H' }),
}

export interface Spelling {
  readonly name: string
  readonly kind: Kind
  readonly request: InboundRequest
}

/** The same notification or token call in every spelling. */
export function spellingsOf(kind: Kind): Spelling[] {
  const { body } = draft(kind)
  const plain = request(kind)
  const headers = plain.headers as Record<string, string>
  return [
    ...Object.entries(drafts).map(([name, change]) => ({
      name,
      kind,
      request: request(kind, draft(kind, change(body))),
    })),
    ...Object.entries(reheaded).map(([name, change]) => ({
      name: `with ${name}`,
      kind,
      request: { ...plain, headers: kind === 'token' ? headers : change(headers) },
    })),
    ...['?a=b', '?', '?a=%20&b=1'].map((query) => {
      const path = plain.path + query
      return { name: `with the query ${query}`, kind, request: request(kind, draft(kind, { path })) }
    }),
  ]
}
