import { expect } from 'chai'
import { alice, describeInChromium, type Visitor } from './scene.ts'

describeInChromium('what goes wrong behind the scenes', (scene) => {
  let customer: Visitor
  let backstage: Visitor
  beforeEach(async () => {
    customer = await scene().visitor()
    await customer.begin(alice)
    backstage = await customer.tab('/backstage')
  })

  const charges = () => scene().simulator.ledger.length

  it('time-out after the charge: unknown, and paid a minute later, without a second charge', async () => {
    await customer.toCheckout('scarf', { oneClick: true })
    await backstage.choose('timeout')
    await customer.payButton.click()
    await customer.standing('T-1001', 'unknown')
    await customer.said('OVO has not answered about order T-1001. We are asking; do not pay again.')
    expect(await customer.button(/order T-1001/).count()).to.equal(0)
    await backstage.arrow(/payment-host-to-host, unknown$/).waitFor()
    await backstage.arrow('At Plug-in: payment: sending → unknown').waitFor()
    await backstage.skip('Skip 1 minute')
    await customer.standing('T-1001', 'paid')
    await customer.said('Thank you! Order T-1001 is paid.')
    await backstage.arrow('At Plug-in: payment: unknown → paid').waitFor()
    expect(charges()).to.equal(1)
  })

  it('lost notification: the customer’s return asks DOKU', async () => {
    await backstage.choose('lost')
    await customer.pay('scarf', alice.pin)
    await customer.standing('T-1001', 'paid')
    await backstage.arrow('DOKU to Plug-in: payment notification, lost on the way').waitFor()
  })

  it('lost notification, and a customer who never comes back: a minute later the plug-in asks', async () => {
    await customer.toCheckout('scarf', { oneClick: true })
    await backstage.choose('lost')
    await customer.payButton.click()
    await customer.standing('T-1001', 'processing')
    await backstage.skip('Skip 1 minute')
    await customer.standing('T-1001', 'paid')
  })

  it('a notification that comes three times changes one thing once', async () => {
    await backstage.choose('duplicate')
    await customer.toCheckout('scarf', { oneClick: true })
    await customer.payButton.click()
    await customer.standing('T-1001', 'paid')
    await backstage
      .arrow(/webhooks\/notification \(Success\), 200/)
      .nth(2)
      .waitFor()
    expect(await backstage.arrow(/^At Plug-in: payment: .* → paid$/).count()).to.equal(1)
    expect(await backstage.arrow(/paymentChanged T-1001: paid$/).count()).to.equal(1)
  })

  it('a late success after a failure: the order is paid after all', async () => {
    await backstage.choose('late')
    await customer.pay('scarf', alice.pin)
    await customer.standing('T-1001', 'failed')
    await backstage.skip('Skip 1 minute')
    await customer.standing('T-1001', 'paid')
    expect(charges()).to.equal(1)
  })

  it('DOKU down: nobody knows, and nothing is called failed', async () => {
    await backstage.choose('down')
    await customer.toCheckout('scarf', { oneClick: true })
    await customer.payButton.click()
    await customer.standing('T-1001', 'unknown')
    expect(charges()).to.equal(0)
  })

  it('database paused: nothing is sent, and the same order is paid when it is back', async () => {
    await customer.toCheckout('scarf')
    scene().allow('503 /ovo/payments')
    await backstage.turn('Database paused', true)
    await customer.payButton.click()
    await customer.said('The shop’s database is not available. Nothing was charged')
    expect(scene().simulator.calls.filter(({ operation }) => operation === 'payment')).to.deep.equal([])
    await backstage.turn('Database paused', false)
    await customer.button('Pay: order T-1001').click()
    await customer.type('OVO PIN', alice.pin)
    await customer.standing('T-1001', 'paid')
    expect(charges()).to.equal(1)
  })

  it('database paused when a page opens: it says so, and shows itself when it is asked again', async () => {
    scene().allow('503 /ovo/bindings')
    await backstage.turn('Database paused', true)
    await customer.go('/account')
    await customer.said('The shop’s database is not available.')
    await customer.expectAccessible()
    await backstage.turn('Database paused', false)
    await customer.button('Try again').click()
    await customer.page.locator('#cash', { hasText: 'Rp2.000.000' }).waitFor()
    expect(await customer.button('Try again').count()).to.equal(0)
  })

  it('database paused while DOKU notifies: it is told again, and the order is paid', async () => {
    await customer.toCheckout('scarf', { oneClick: true })
    await customer.payButton.waitFor()
    await backstage.choose('late')
    await customer.payButton.click()
    await customer.standing('T-1001', 'failed')
    await backstage.turn('Database paused', true)
    await backstage.skip('Skip 1 minute')
    await backstage.arrow(/webhooks\/notification \(Success\), 5/).waitFor()
    await backstage.turn('Database paused', false)
    await backstage.skip('Skip 1 minute')
    await customer.standing('T-1001', 'paid')
  })

  it('a hook that fails: its event is parked, and the operator delivers it again', async () => {
    const operator = await scene().visitor()
    await operator.signIn('Ratna')
    await operator.go('/operator')
    await operator.page.getByText('Nothing is parked.').waitFor()
    await customer.toCheckout('scarf', { oneClick: true })
    await backstage.turn('The shop’s hooks fail', true)
    await customer.payButton.click()
    await customer.standing('T-1001', 'none')
    await backstage.skip('Skip 1 minute')
    await backstage.skip('Skip 1 minute')
    await operator.button('Deliver again').first().waitFor()
    await backstage.turn('The shop’s hooks fail', false)
    await operator.button('Deliver again').first().click()
    await operator.said('The hook has handled it.')
    // What was not parked yet is tried again by itself, and an older event that comes after it changes nothing.
    await backstage.skip('Skip 1 minute')
    await customer.standing('T-1001', 'paid')
    await operator.go('/operator')
    const parked = operator.button('Deliver again')
    await operator.page.locator('#parked').waitFor()
    for (let left = await parked.count(); left > 0; left -= 1) {
      await parked.first().click()
      await parked.nth(left - 1).waitFor({ state: 'detached' })
    }
    await customer.page.reload()
    await customer.standing('T-1001', 'paid')
  })

  it('is set for every window, and stays set', async () => {
    await backstage.choose('late')
    await customer.go('/')
    await customer.page.getByText('DOKU answers “failed”, but charges 45 seconds later.').waitFor()
    expect(await customer.page.locator('#scenario').inputValue()).to.equal('late')
  })
})

describeInChromium('the conversation', (scene) => {
  it('shows each signed call as it happens, and all of it on a click, without a secret', async () => {
    const customer = await scene().visitor()
    await customer.signIn('Alice')
    const backstage = await customer.tab('/backstage')
    await backstage.page.getByText('No messages yet.').waitFor()
    await customer.link(alice)
    await customer.pay('scarf', alice.pin)
    await customer.standing('T-1001', 'paid')
    const call = backstage.arrow(/^Plug-in to DOKU: POST .*payment-host-to-host, 200 2005400$/)
    await call.focus()
    await backstage.page.keyboard.press('Enter')
    const dialog = backstage.page.locator('#details')
    await dialog.waitFor()
    const text = await dialog.innerText()
    expect(text).to.include('accepted: the signature is right')
    expect(text).to.match(/POST:\/direct-debit\/core\/v1\/debit\/payment-host-to-host:\*\*\*:[0-9a-f]{64}:/)
    expect(text).to.match(/X-SIGNATURE\s+\S{3}\*\*\*\S{3}/)
    expect(text).to.include('"partnerReferenceNo"').and.include('"responseCode": "2005400"')
    await backstage.expectAccessible()
    await backstage.page.keyboard.press('Escape')
    await backstage.page.locator('.target:focus').waitFor()
    await backstage.button('Clear').click()
    await backstage.page.getByText('No messages yet.').waitFor()
  })

  it('shows what is refused as refused', async () => {
    const backstage = await scene().visitor()
    await backstage.go('/backstage')
    const headers = { 'content-type': 'application/json', 'x-timestamp': new Date().toISOString() }
    const init = { method: 'POST', headers, body: '{"latestTransactionStatus":"00","transactionStatusDesc":"Success"}' }
    const { status } = await fetch(`${scene().demo.url}/ovo/webhooks/notification`, init)
    expect(status).to.be.within(400, 499)
    await backstage.arrow(new RegExp(`webhooks/notification \\(Success\\), ${status}`)).click()
    const verdict = backstage.page.locator('[data-says="verdict.webhookRefused"]')
    expect(await verdict.innerText()).to.equal('refused')
    await backstage.expectAccessible()
  })

  it('speaks Indonesian where the words are its own', async () => {
    const customer = await scene().visitor({ locale: 'id-ID' })
    await customer.begin(alice)
    const backstage = await customer.tab('/backstage')
    await backstage.choose('lost')
    await customer.toCheckout('scarf')
    await customer.payButton.click()
    await customer.page.locator('[name=pin]').fill(alice.pin)
    await customer.page.locator('[name=pin]').press('Enter')
    await customer.standing('T-1001', 'paid')
    await backstage.arrow('Browser ke OVO: membuka halaman pembayaran, 200').first().waitFor()
    await backstage.arrow(/^DOKU ke OVO: menagih IDR 240000.00$/).waitFor()
    await backstage.arrow('DOKU ke Plug-in: notifikasi pembayaran, hilang di jalan').waitFor()
    await backstage.arrow(/^Plug-in ke DOKU: POST .*payment-host-to-host, 200 2005400$/).click()
    await backstage.page.getByText('tanda tangan benar').waitFor()
  })

  it('stays at its end, and where somebody reads further up', async () => {
    const customer = await scene().visitor()
    await customer.begin(alice)
    await customer.toCheckout('scarf', { oneClick: true })
    await customer.payButton.click()
    await customer.standing('T-1001', 'paid')
    const rows = customer.page.locator('.picture .row')
    const frame = customer.page.locator('.frame')
    const untilAtEnd = async () =>
      customer.page.waitForFunction(
        (element) =>
          element && element.scrollTop > 0 && element.scrollHeight - element.scrollTop - element.clientHeight < 2,
        await frame.elementHandle(),
      )
    await customer.arrow('Plug-in to Shop: paymentChanged T-1001: paid').waitFor()
    await untilAtEnd()
    // The history comes at once, while the panel above it still grows.
    await customer.page.reload()
    await customer.arrow('Plug-in to Shop: paymentChanged T-1001: paid').waitFor()
    await untilAtEnd()
    await customer.page.setViewportSize({ width: 1440, height: 700 })
    await untilAtEnd()

    await frame.evaluate((element) => element.scrollTo(0, 0))
    const before = await rows.count()
    const second = await customer.tab('/account')
    await second.page.locator('#cash').waitFor()
    await rows.nth(before + 1).waitFor({ state: 'attached' })
    expect(await frame.evaluate(({ scrollTop }) => scrollTop)).to.equal(0)
  })

  it('never holds a token, a signature, an authCode or the address of a page', async () => {
    const customer = await scene().visitor()
    await customer.signIn('Alice')
    const heard = recordEvents(scene().demo.url)
    await customer.link(alice)
    await customer.pay('scarf', alice.pin)
    await customer.standing('T-1001', 'paid')
    const text = await heard.until(/awaiting-customer → paid/)
    const secrets = scene().simulator.calls.flatMap(({ headers, body }) => [
      headers['x-signature'],
      headers.authorization?.replace('Bearer ', ''),
      headers['authorization-customer']?.replace('Bearer ', ''),
      JSON.parse(body || '{}').authCode,
    ])
    for (const secret of secrets.filter((one) => typeof one === 'string')) expect(text).not.to.include(secret)
    expect(text).not.to.match(/\/direct-debit\/ui\/|eyJ[\w-]+\.eyJ|6281200000001/)
  })
})

/** Reads the server-sent events as any client could. */
function recordEvents(url: string) {
  const abort = new AbortController()
  let text = ''
  const reading = (async () => {
    const response = await fetch(`${url}/backstage/events`, { signal: abort.signal })
    return response.body?.pipeThrough(new TextDecoderStream()).getReader()
  })()
  return {
    async until(pattern: RegExp): Promise<string> {
      const reader = await reading
      while (reader && !pattern.test(text)) text += (await reader.read()).value ?? ''
      abort.abort()
      return text
    },
  }
}
