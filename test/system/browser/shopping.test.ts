import { expect } from 'chai'
import { alice, blocked, bob, describeInChromium, poor } from './scene.ts'

describeInChromium('shopping in a browser', (scene) => {
  for (const who of [alice, bob]) {
    it(`takes ${who.name} through linking, balance, paying, a refund and unlinking`, async () => {
      const customer = await scene().visitor()
      await customer.signIn(who.name)
      await customer.link(who)
      expect(await customer.balance()).to.deep.equal({ cash: 'Rp2.000.000', points: 'Rp50.000' })

      await customer.pay('scarf', who.pin)
      await customer.said('Thank you! Order T-1001 is paid.')
      await customer.standing('T-1001', 'paid')
      expect((await customer.balance()).cash).to.equal('Rp1.760.000')

      const operator = await scene().visitor()
      await operator.signIn('Ratna')
      await operator.go('/operator')
      await operator.button('Refund order T-1001').click()
      await operator.page.getByLabel('Amount in rupiah').fill('40000')
      await operator.page.locator('dialog').getByRole('button', { name: 'Refund' }).click()
      await operator.said('Rp40.000 goes back to the customer.')
      await operator.page.getByText('Rp200.000 is left of the payment.').waitFor()
      await operator.button('Refund order T-1001').click()
      await operator.page.locator('dialog').getByRole('button', { name: 'Refund' }).click()
      await operator.said('Rp200.000 goes back to the customer.')
      expect(await operator.button('Refund order T-1001').count()).to.equal(0)

      expect((await customer.balance()).cash).to.equal('Rp2.000.000')
      await customer.go('/orders')
      await customer.standing('T-1001', 'refunded')
      await customer.unlink()
      expect(scene().simulator.accounts.find(({ phoneNo }) => phoneNo === who.phoneNo)?.linkedTo).to.equal(undefined)
    })
  }

  it('keeps the two customers apart, and the operator’s page from both', async () => {
    const first = await scene().visitor()
    await first.begin(alice)
    await first.pay('basket', alice.pin)
    await first.standing('T-1001', 'paid')
    const second = await scene().visitor()
    await second.signIn('Bob')
    await second.go('/orders')
    await second.page.getByText('You have not ordered anything yet.').waitFor()
    await second.go('/account')
    await second.button('Link OVO').waitFor()
    await second.go('/operator')
    await second.page.getByText('This page is for the people who run the shop.').waitFor()
    scene().allow('403 /operator/api/overview')
    const status = await second.page.evaluate(async () => (await fetch('/operator/api/overview')).status)
    expect(status).to.equal(403)
  })

  for (const [path, name, api] of [
    ['/orders', 'Alice', '/api/orders'],
    ['/operator', 'Ratna', '/operator/api/overview'],
  ] as const) {
    it(`asks who it is again, on ${path}, when somebody signs out, here or in another tab`, async () => {
      const first = await scene().visitor()
      await first.signIn(name)
      await first.go(path)
      const content = first.page.locator('.card:not(#sign-in)').first()
      const signInButton = first.button(new RegExp(`^Sign in as ${name}`))
      await content.waitFor()
      await first.signOut()
      await signInButton.click()
      await content.waitFor()
      // Chromium tells of the one answer by which the page learns it.
      scene().allow(`401 ${api}`, `403 ${api}`)
      const second = await first.tab('/')
      await second.signOut()
      await first.page.bringToFront()
      await signInButton.click()
      await content.waitFor()
    })
  }

  it('offers OVO Points, and tells at OVO that they do not suffice', async () => {
    const customer = await scene().visitor()
    await customer.begin(bob)
    await customer.toCheckout('coffee', { points: true })
    await customer.payButton.click()
    await customer.page.getByText('OVO Points').waitFor()
    await customer.page.getByText('Insufficient balance. OVO will refuse this payment.').waitFor()
  })

  it('pays in one click, without OVO’s page', async () => {
    const customer = await scene().visitor()
    await customer.begin(alice)
    await customer.toCheckout('board', { oneClick: true })
    await customer.payButton.click()
    await customer.standing('T-1001', 'paid')
    expect(scene().simulator.ledger).to.have.length(1)
  })

  it('changes the number of pieces, and takes the last one out', async () => {
    const customer = await scene().visitor()
    await customer.signIn('Alice')
    await customer.button(/^Add to basket Gayo/).click()
    await customer.said('is in your basket')
    await customer.page.getByRole('link', { name: 'Basket 1' }).click()
    await customer.button(/^One more Gayo/).click()
    await customer.page.locator('#total', { hasText: 'Rp170.000' }).waitFor()
    await customer.button(/^One less Gayo/).click()
    await customer.page.locator('#total', { hasText: 'Rp85.000' }).waitFor()
    await customer.button(/^One less Gayo/).click()
    await customer.page.getByText('Your basket is empty.').waitFor()
  })

  it('speaks Indonesian, in the shop and at OVO', async () => {
    const customer = await scene().visitor({ locale: 'id-ID' })
    await customer.go('/')
    await customer.button(/^Masuk sebagai Alice/).click()
    await customer.button('Keluar').waitFor()
    await customer.go('/account')
    await customer.button('Hubungkan OVO').click()
    await customer.page.getByRole('heading', { name: 'Hubungkan akun OVO' }).waitFor()
    await customer.page.getByRole('link', { name: 'EN' }).click()
    await customer.page.getByRole('heading', { name: 'Link your OVO account' }).waitFor()
    await customer.go('/')
    await customer.button('EN').click()
    await customer.button('Sign out').waitFor()
    expect(await customer.page.locator('html').getAttribute('lang')).to.equal('en')
  })

  it('tells a customer whose number OVO does not accept', async () => {
    scene().allow('422 /ovo/bindings', '400 /ovo/bindings', '409 /ovo/bindings')
    const customer = await scene().visitor()
    await customer.signIn('Alice')
    await customer.startLinking(blocked.phoneNo)
    await customer.said(/OVO refused: .*blocked/)
    await customer.startLinking('12')
    await customer.said('write the phone number as 08')
    await customer.link(poor)
  })
})
