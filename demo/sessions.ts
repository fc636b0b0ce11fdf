import { randomBytes } from 'node:crypto'
import type { Request, Response } from 'express'
import { Kept } from './kept.ts'
import { type Person, people } from './people.ts'
import type { Shelf } from './shelf.ts'

const cookieName = 'sid'

/** The signed-in people. A cookie that no script can read holds a random session id. */
export class Sessions {
  readonly #people: Kept<Readonly<Record<string, string>>>
  readonly #secure: boolean

  private constructor(kept: Kept<Readonly<Record<string, string>>>, secure: boolean) {
    this.#people = kept
    this.#secure = secure
  }

  /** @param options.secure the browser sends the cookie over https only */
  static async open(shelf: Shelf, options: { readonly secure: boolean }): Promise<Sessions> {
    return new Sessions(await Kept.load(shelf, 'sessions', {}), options.secure)
  }

  personOf(req: Request): Person | undefined {
    const session = sessionId(req)
    const id = Object.hasOwn(this.#people.value, session) ? this.#people.value[session] : undefined
    return people.find((person) => person.id === id)
  }

  customerOf(req: Request): Person | undefined {
    const person = this.personOf(req)
    return person?.role === 'customer' ? person : undefined
  }

  isOperator(req: Request): boolean {
    return this.personOf(req)?.role === 'operator'
  }

  /** Signs a person in. Always makes a new id, so that an id that others knew before is useless. */
  async start(req: Request, res: Response, personId: unknown): Promise<Person | undefined> {
    const person = people.find(({ id }) => id === personId)
    if (!person) return undefined
    const id = randomBytes(32).toString('base64url')
    await this.#people.change({ ...this.#without(sessionId(req)), [id]: person.id })
    res.cookie(cookieName, id, { httpOnly: true, sameSite: 'lax', secure: this.#secure, path: '/' })
    return person
  }

  async end(req: Request, res: Response): Promise<void> {
    await this.#people.change(this.#without(sessionId(req)))
    res.clearCookie(cookieName, { path: '/' })
  }

  #without(session: string): Record<string, string> {
    const { [session]: _ended, ...others } = this.#people.value
    return others
  }
}

function sessionId(req: Request): string {
  const pairs = (req.headers.cookie ?? '').split(/;\s*/).map((pair) => pair.split('='))
  return pairs.find(([name]) => name === cookieName)?.[1] ?? ''
}
