import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect } from 'chai'
import type { Logger } from 'express-doku-ovo'
import type { Simulator } from 'express-doku-ovo/simulator'
import type { Browser, BrowserContext, BrowserContextOptions, ConsoleMessage, Page } from 'playwright-core'
import type { Wanted } from '../../../demo/environment.ts'
import { type Demo, startDemo } from '../../../demo/start.ts'
import { hasChromium, launchChromium } from './chromium.ts'

export const alice = { id: 'alice', name: 'Alice', phoneNo: '6281200000001', otp: '111111', pin: '111111' }
export const bob = { id: 'bob', name: 'Bob', phoneNo: '6281200000002', otp: '222222', pin: '222222' }
export const poor = { phoneNo: '6281200000003', otp: '333333', pin: '333333' }
export const blocked = { phoneNo: '6281200000004' }

type Who = typeof alice

const wanted: Wanted = { port: 0, api: undefined, sandbox: undefined, keeping: {} }
const ignore = () => {}
const silent: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Longer than any step takes; a step that needs longer has failed. */
const patienceMs = 30_000

/** A demo and a browser, which sees to it that every page runs without an error and stays on this machine. */
export class Scene {
  readonly demo: Demo
  readonly #browser: Browser
  readonly #contexts: BrowserContext[] = []
  readonly #complaints: string[] = []
  /** The answers that are no mistake, as `status path`: Chromium complains about each on the console. */
  readonly #allowed = new Set<string>(['404 /ovo/bindings'])

  private constructor(demo: Demo, browser: Browser) {
    this.demo = demo
    this.#browser = browser
  }

  static async open(browser: Browser, overrides: Partial<Wanted> = {}): Promise<Scene> {
    return new Scene(await startDemo({ ...wanted, ...overrides }, { logger: silent, told: ignore }), browser)
  }

  get simulator(): Simulator {
    if (!this.demo.simulator) throw new Error('there is no simulator')
    return this.demo.simulator
  }

  /** Chromium tells of every answer of 400 and more on the console: these are meant to come. */
  allow(...answers: string[]): void {
    for (const answer of answers) this.#allowed.add(answer)
  }

  /** A window of somebody else: with cookies of its own. */
  async visitor(options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await this.#browser.newContext({
      locale: 'en-GB',
      viewport: { width: 1440, height: 900 },
      ...options,
    })
    context.setDefaultTimeout(patienceMs)
    this.#contexts.push(context)
    await context.route(
      (url) => url.hostname !== '127.0.0.1',
      (route) => {
        this.#complaints.push(`a request left this machine: ${route.request().url()}`)
        return route.abort()
      },
    )
    context.on('page', (page) => this.#watch(page))
    return new Visitor(this, await context.newPage())
  }

  /** Closes the windows. @throws AssertionError when a page complained */
  async over(): Promise<void> {
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()))
    expect(this.#complaints.splice(0), 'what the pages complained about').to.deep.equal([])
    this.#allowed.clear()
    this.allow('404 /ovo/bindings')
  }

  close(): Promise<void> {
    return this.demo.close()
  }

  #watch(page: Page): void {
    page.on('pageerror', (error) => this.#complaints.push(`error on ${page.url()}: ${error.message}`))
    page.on('console', (message) => {
      const isBad = message.type() === 'error' || message.type() === 'warning'
      if (isBad && !this.#isAllowed(message)) this.#complaints.push(`console: ${message.text()}`)
    })
  }

  #isAllowed(message: ConsoleMessage): boolean {
    const status = /the server responded with a status of (\d{3})/.exec(message.text())?.[1]
    const { url } = message.location()
    return status !== undefined && URL.canParse(url) && this.#allowed.has(`${status} ${pathOf(url)}`)
  }
}

/** References and page numbers differ every time. */
function pathOf(url: string): string {
  return new URL(url).pathname.replace(/\/(core\/)?[\w-]{20,}/g, '/*')
}

/** Somebody at a browser: what people do, by the names that they read. */
export class Visitor {
  readonly page: Page
  readonly #scene: Scene

  constructor(scene: Scene, page: Page) {
    this.#scene = scene
    this.page = page
  }

  get url(): string {
    return this.#scene.demo.url
  }

  /** Another tab of the same window. */
  async tab(path: string): Promise<Visitor> {
    const tab = new Visitor(this.#scene, await this.page.context().newPage())
    await tab.go(path)
    return tab
  }

  async go(path: string): Promise<void> {
    await this.page.goto(this.url + path)
  }

  button(name: string | RegExp) {
    return this.page.getByRole('button', { name, ...(typeof name === 'string' && { exact: true }) })
  }

  /** What the page says just now, when it has said it. */
  async said(text: string | RegExp): Promise<void> {
    await this.page.locator('#message').filter({ hasText: text }).waitFor()
  }

  async signIn(name: string): Promise<void> {
    await this.go('/')
    await this.button(new RegExp(`^Sign in as ${name}`)).click()
    await this.button('Sign out').waitFor()
  }

  async signOut(): Promise<void> {
    await this.button('Sign out').click()
    await this.button('Sign out').waitFor({ state: 'detached' })
  }

  async startLinking(phoneNo?: string): Promise<void> {
    await this.go('/account')
    if (phoneNo !== undefined) await this.page.getByLabel('Phone number of the OVO account').fill(phoneNo)
    await this.button('Link OVO').click()
  }

  /** Types into the one field of OVO's page, and sends it with the keyboard. */
  async type(label: 'OTP from the SMS' | 'OVO PIN', digits: string): Promise<void> {
    const field = this.page.getByLabel(label)
    await field.fill(digits)
    await field.press('Enter')
  }

  async link(who: Pick<Who, 'otp' | 'pin'> & { phoneNo?: string }): Promise<void> {
    await this.startLinking(who.phoneNo)
    await this.type('OTP from the SMS', who.otp)
    await this.type('OVO PIN', who.pin)
    await this.said('Your OVO account is linked.')
  }

  /** Signed in and linked, without any page: for tests that are about what comes then. */
  async begin(who: Who): Promise<void> {
    await this.#ask('post', '/api/session', { personId: who.id })
    const { redirectUrl } = await this.#ask('post', '/ovo/bindings', { phoneNo: who.phoneNo })
    this.#scene.simulator.approveBinding(redirectUrl)
    await this.#scene.simulator.settled()
  }

  /** Up to the Pay button. */
  async toCheckout(itemId: string, choice: { oneClick?: boolean; points?: boolean } = {}): Promise<void> {
    await this.#ask('put', `/api/basket/${itemId}`, { quantity: 1 })
    await this.go('/checkout')
    if (choice.points) await this.page.getByLabel('OVO Points').check()
    if (choice.oneClick) await this.page.getByLabel('In one click').check()
    await this.payButton.waitFor()
  }

  /** With the cookies of this window. */
  async #ask(method: 'post' | 'put', path: string, data: object): Promise<{ redirectUrl: string }> {
    const answer = await this.page.request[method](this.url + path, { data })
    expect(answer.ok(), `${path}: ${answer.status()}`).to.equal(true)
    return answer.json()
  }

  get payButton() {
    return this.button(/^(Pay|Bayar) Rp/)
  }

  async pay(itemId: string, pin: string): Promise<void> {
    await this.toCheckout(itemId)
    await this.payButton.click()
    await this.type('OVO PIN', pin)
  }

  order(id: string) {
    return this.page.locator(`[data-order="${id}"]`)
  }

  /** Waits until the page says that the order stands so. */
  async standing(id: string, status: string): Promise<void> {
    await this.order(id).locator(`.standing [data-status="${status}"]`).waitFor()
  }

  /** The order that was made last. */
  async lastOrder(): Promise<string> {
    return (await this.page.locator('[data-order]').first().getAttribute('data-order')) ?? ''
  }

  async balance(): Promise<{ cash: string; points: string }> {
    await this.go('/account')
    const read = (id: string) => this.page.locator(`#${id}`).innerText()
    return { cash: await read('cash'), points: await read('points') }
  }

  async unlink(): Promise<void> {
    await this.go('/account')
    await this.button('Unlink').click()
    await this.said('Your OVO account is unlinked.')
  }

  /** Behind the scenes: what goes wrong from now on. */
  async choose(scenario: string): Promise<void> {
    const [response] = await Promise.all([
      this.page.waitForResponse((one) => one.url().endsWith('/backstage/scenario')),
      this.page.locator('#scenario').selectOption(scenario),
    ])
    expect(response.status()).to.equal(200)
  }

  async turn(name: string, isOn: boolean): Promise<void> {
    const answered = this.page.waitForResponse((one) => one.url().endsWith('/backstage/switch'))
    await this.page.getByLabel(name).setChecked(isOn)
    await answered
  }

  async skip(name: 'Skip 1 minute' | 'Skip 16 minutes'): Promise<void> {
    const answered = this.page.waitForResponse((one) => one.url().endsWith('/backstage/clock'))
    await this.button(name).click()
    await answered
  }

  /** Arrows of the conversation, by what they say. */
  arrow(name: string | RegExp) {
    return this.page.locator('.picture').getByRole('button', { name })
  }

  /** @throws AssertionError with what axe-core calls serious or critical */
  async expectAccessible(): Promise<void> {
    const problems = await this.page.evaluate(runAxe, axeSource)
    expect(problems, `axe-core on ${this.page.url()}`).to.deep.equal([])
  }
}

/** Runs in the page. `evaluate` goes around the page's policy, which allows no foreign script. */
async function runAxe(source: string): Promise<string[]> {
  // biome-ignore lint/security/noGlobalEval: this is how axe-core gets into a page that loads nothing
  globalThis.eval(source)
  const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResult> } }
  const { violations } = await axe.run({ resultTypes: ['violations'] })
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  return serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly impact: string
    readonly nodes: readonly { readonly target: readonly string[] }[]
  }[]
}

/** A suite with a demo of its own for each test; skipped, visibly, where there is no Chromium. */
export function describeInChromium(title: string, tests: (scene: () => Scene, browser: () => Browser) => void): void {
  const isThere = hasChromium()
  const suite = isThere ? describe : describe.skip
  suite(isThere ? title : `${title} (no Chromium: set CHROMIUM)`, () => {
    let browser: Browser
    let scene: Scene
    before(async () => {
      browser = await launchChromium()
    })
    beforeEach(async () => {
      scene = await Scene.open(browser)
    })
    afterEach(async () => {
      try {
        await scene.over()
      } finally {
        await scene.close()
      }
    })
    after(() => browser.close())
    tests(
      () => scene,
      () => browser,
    )
  })
}
