import { randomBytes } from 'node:crypto'
import type { Request, Response } from 'express'
import { customers, type ShopCustomer } from './customers.ts'

const cookieName = 'sid'

/** Who is signed in: a random session id in a cookie that no script can read, and a map in memory. */
export class Sessions {
  readonly #customers = new Map<string, ShopCustomer>()
  readonly #secure: boolean

  /** @param options.secure the cookie travels over https only */
  constructor(options: { readonly secure: boolean }) {
    this.#secure = options.secure
  }

  customerOf(req: Request): ShopCustomer | undefined {
    return this.#customers.get(sessionId(req))
  }

  /** Always under a new id, so that an id which somebody else knew before is worth nothing. */
  start(req: Request, res: Response, customerId: unknown): ShopCustomer | undefined {
    const customer = customers.find(({ id }) => id === customerId)
    if (!customer) return undefined
    this.#customers.delete(sessionId(req))
    const id = randomBytes(32).toString('base64url')
    this.#customers.set(id, customer)
    res.cookie(cookieName, id, { httpOnly: true, sameSite: 'lax', secure: this.#secure, path: '/' })
    return customer
  }

  end(req: Request, res: Response): void {
    this.#customers.delete(sessionId(req))
    res.clearCookie(cookieName, { path: '/' })
  }
}

function sessionId(req: Request): string {
  const pairs = (req.headers.cookie ?? '').split(/;\s*/).map((pair) => pair.split('='))
  return pairs.find(([name]) => name === cookieName)?.[1] ?? ''
}
