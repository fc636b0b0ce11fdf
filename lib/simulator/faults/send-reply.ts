import type { ServerResponse } from 'node:http'
import type { Reply } from './reply.ts'

type Send = (response: ServerResponse, headers: Readonly<Record<string, string>>, reply: Reply) => void

/** From here on there is no Content-Length: the receiver has to count for itself. */
const LARGEST_ANNOUNCED_BYTES = 65_536

const ENDINGS: Readonly<Record<Reply['ends'], Send>> = {
  never: () => {},
  cut: (response) => response.destroy(),
  well(response, headers, { status, contentType, text }) {
    response.writeHead(status, { ...headers, 'content-type': contentType })
    if (text.length > LARGEST_ANNOUNCED_BYTES) response.write(text.slice(0, LARGEST_ANNOUNCED_BYTES))
    response.end(text.slice(text.length > LARGEST_ANNOUNCED_BYTES ? LARGEST_ANNOUNCED_BYTES : 0))
  },
  /** Announces all, sends half, and cuts when that half is out. */
  middle(response, headers, { status, contentType, text }) {
    const bytes = Buffer.from(text)
    response.writeHead(status, { ...headers, 'content-type': contentType, 'content-length': bytes.length })
    response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy())
  },
}

export const sendReply: Send = (response, headers, reply) => ENDINGS[reply.ends](response, headers, reply)
