import { expect } from 'chai'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { bind, alicesPhone as phoneNo, startShop } from '../../support/shop.ts'
import { alice, describeInChromium, type Visitor } from './scene.ts'

const looks: Record<string, BrowserContextOptions> = {
  'wide and light': { viewport: { width: 1440, height: 900 }, colorScheme: 'light' },
  'wide and dark': { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
  'narrow and light': { viewport: { width: 360, height: 740 }, colorScheme: 'light', hasTouch: true },
  'narrow and dark': { viewport: { width: 360, height: 740 }, colorScheme: 'dark', locale: 'id-ID' },
}

/** Nothing is cut off at the side, and axe-core finds nothing serious. */
async function expectSound(visitor: Visitor): Promise<void> {
  const overflow = await visitor.page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth)
  expect(overflow, `${visitor.page.url()} is too wide`).to.equal(0)
  await visitor.expectAccessible()
}

describeInChromium('every page', (scene) => {
  for (const [look, options] of Object.entries(looks)) {
    it(`is accessible and fits the screen, ${look}`, async () => {
      const visitor = await scene().visitor(options)
      const { page } = visitor
      const open = async (path: string, ready: string) => {
        await visitor.go(path)
        await page.locator(ready).first().waitFor()
        await expectSound(visitor)
      }
      await open('/', '#sign-in button')
      await open('/orders', '#sign-in button')
      await page.locator('#sign-in button').first().click()
      await page.locator('.empty').waitFor()
      await expectSound(visitor)
      await open('/checkout', '.empty')
      await open('/', '.item button')
      await page.locator('.item button').nth(1).click()
      await page.locator('#message.good').waitFor()
      await open('/checkout', '#link')
      await open('/account', '#link')

      await page.locator('#link button').click()
      await page.locator('[name=otp]').waitFor()
      await expectSound(visitor)
      await page.locator('summary').click()
      await page.locator('[name=otp]').fill('1')
      await page.locator('[name=otp]').press('Enter')
      await page.getByRole('alert').waitFor()
      await expectSound(visitor)
      await page.locator('[name=otp]').fill(alice.otp)
      await page.locator('[name=otp]').press('Enter')
      await page.locator('[name=pin]').waitFor()
      await expectSound(visitor)
      await page.locator('[name=pin]').fill(alice.pin)
      await page.locator('[name=pin]').press('Enter')
      await page.locator('.wallet').waitFor()
      await expectSound(visitor)

      await open('/checkout', '#pay')
      await page.locator('#pay button').click()
      await page.locator('[name=pin]').waitFor()
      await expectSound(visitor)
      await page.locator('[name=pin]').fill(alice.pin)
      await page.locator('[name=pin]').press('Enter')
      await page.locator('.standing [data-status=paid]').waitFor()
      await expectSound(visitor)
      await open('/backstage', '.picture .row')

      await page.locator('#sign-out').click()
      await page.locator('#sign-out').waitFor({ state: 'detached' })
      await open('/operator', '#sign-in button')
      await page.locator('#sign-in button').click()
      await page.locator('[data-payment]').waitFor()
      await expectSound(visitor)
      await page.locator('[data-payment] button').click()
      await page.locator('#refund').waitFor()
      await expectSound(visitor)
    })
  }

  it('can be gone through with the keyboard alone, from signing in to reading a signed call', async () => {
    const { page } = await scene().visitor()
    const { keyboard } = page
    const press = async (selector: string) => {
      await tabTo(page, selector)
      await keyboard.press('Enter')
    }
    const type = async (name: string, digits: string) => {
      // OVO's page has put the focus where one types.
      await page.locator(`[name=${name}]:focus`).waitFor()
      await keyboard.type(digits)
      await keyboard.press('Enter')
    }
    await page.goto(scene().demo.url)
    await page.locator('#sign-in button').first().waitFor()
    await keyboard.press('Tab')
    await page.locator('.skip:focus').waitFor()
    await keyboard.press('Enter')
    await keyboard.press('Tab')
    await page.locator('#sign-in button:focus').waitFor()
    await keyboard.press('Enter')
    await page.locator('#sign-out').waitFor()
    await press('.item button')
    await page.locator('#message.good').waitFor()
    await press('nav [href="/checkout"]')
    await page.locator('#link').waitFor()
    await press('#link button')
    await type('otp', alice.otp)
    await type('pin', alice.pin)
    await page.locator('.wallet').waitFor()
    await press('#wallet [href="/checkout"]')
    await page.locator('#pay').waitFor()
    await tabTo(page, '[name=payMethod]')
    await keyboard.press('ArrowDown')
    expect(await page.locator('[value=POINTS]').isChecked()).to.equal(true)
    await keyboard.press('ArrowUp')
    await press('#pay button')
    await type('pin', alice.pin)
    await page.locator('.standing [data-status=paid]').waitFor()
    await press('.picture .target')
    await page.locator('#details').waitFor()
    await keyboard.press('Escape')
    await page.locator('.picture .target:focus').waitFor()
  })
})

/** Presses Tab until that has the focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab')
    if ((await page.locator(`:is(${selector}):focus`).count()) > 0) return
  }
  throw new Error(`60 times Tab, and ${selector} never had the focus`)
}

describeInChromium('the plug-in’s own page, for a shop that has none,', (scene) => {
  for (const [look, options] of Object.entries(looks)) {
    it(`says in two languages how it went, ${look}`, async () => {
      const shop = await startShop()
      try {
        await bind(shop, 'alice', phoneNo)
        const { body } = await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })
        const visitor = await scene().visitor(options)
        await visitor.page.goto(body.webRedirectUrl)
        await visitor.page.locator('[name=pin]').fill(alice.pin)
        await visitor.page.locator('[name=pin]').press('Enter')
        await visitor.page.getByRole('heading', { name: 'Pembayaran berhasil.' }).waitFor()
        await visitor.page.getByText('The payment succeeded.').waitFor()
        await expectSound(visitor)
      } finally {
        await shop.close()
      }
    })
  }

  it('asks again on a click, while nothing is decided', async () => {
    const shop = await startShop()
    try {
      await bind(shop, 'alice', phoneNo)
      const { body } = await shop.request('alice', 'POST', '/payments', { orderId: 'order-1' })
      const sent = shop.simulator.calls.findLast(({ operation }) => operation === 'payment')?.body ?? '{}'
      const visitor = await scene().visitor()
      await visitor.page.goto(JSON.parse(sent).additionalInfo.successPaymentUrl)
      await visitor.page.getByRole('heading', { name: 'Pembayaran sedang diproses.' }).waitFor()
      await expectSound(visitor)
      await visitor.page.getByRole('link', { name: 'Check again' }).click()
      await visitor.page.getByRole('heading', { name: 'Pembayaran sedang diproses.' }).waitFor()
      shop.simulator.approvePayment(body.webRedirectUrl)
      await visitor.page.getByRole('link', { name: 'Check again' }).click()
      await visitor.page.getByRole('heading', { name: 'Pembayaran berhasil.' }).waitFor()
      expect(await visitor.page.getByRole('link').count()).to.equal(0)
    } finally {
      await shop.close()
    }
  })

  it('says so when the address is nobody’s', async () => {
    const shop = await startShop()
    try {
      scene().allow('404 /return/payment/x/success')
      const visitor = await scene().visitor()
      await visitor.page.goto(`${shop.url}/return/payment/x/success`)
      await visitor.page.getByText('This address is not valid.').waitFor()
      await expectSound(visitor)
    } finally {
      await shop.close()
    }
  })
})
