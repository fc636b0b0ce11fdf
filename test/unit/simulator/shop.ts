import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'

/** One request that reached the shop. */
export interface Visit {
  url: string
  headers: IncomingHttpHeaders
  body: string
}

interface Plan {
  status: number
  body: string
}

const TOKEN_PATH = '/ovo/webhooks/token'

/** The merchant's side of a notification, on a real socket: gives out tokens, and answers notifications as it is told to. */
export class Shop {
  readonly tokenVisits: Visit[] = []
  readonly notifications: Visit[] = []
  /** How the next notifications are answered; when it has run out, with 200. */
  readonly plans: Plan[] = []
  /** How the next token requests are answered; when it has run out, with a token. */
  readonly tokenPlans: Plan[] = []
  urls = { tokenUrl: '', notificationUrl: '' }
  expiresIn: number | string = 900
  readonly #server: Server

  constructor() {
    this.#server = createServer(async (request, response) => {
      const { url = '', headers } = request
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const { status, body } = this.#answer({ url, headers, body: Buffer.concat(chunks).toString() })
      response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    })
  }

  static async open(): Promise<Shop> {
    const shop = new Shop()
    shop.#server.listen(0, '127.0.0.1')
    await once(shop.#server, 'listening')
    const address = shop.#server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const base = `http://127.0.0.1:${port}`
    shop.urls = { tokenUrl: `${base}${TOKEN_PATH}`, notificationUrl: `${base}/ovo/webhooks/notification?shop=1&x=%20` }
    return shop
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  #answer(visit: Visit): Plan {
    if (visit.url === TOKEN_PATH) return this.#giveToken(visit)
    this.notifications.push(visit)
    return this.plans.shift() ?? { status: 200, body: '{"responseCode":"2005600"}' }
  }

  #giveToken(visit: Visit): Plan {
    this.tokenVisits.push(visit)
    const accessToken = `shop-token-${this.tokenVisits.length}`
    const body = { responseCode: '2007300', accessToken, tokenType: 'Bearer', expiresIn: this.expiresIn }
    return this.tokenPlans.shift() ?? { status: 200, body: JSON.stringify(body) }
  }
}
