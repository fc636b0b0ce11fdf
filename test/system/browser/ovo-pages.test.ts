import { expect } from 'chai'
import { alice, bob, describeInChromium, poor } from './scene.ts'

describeInChromium('OVO’s pages in a browser', (scene) => {
  const linked = async () => {
    const customer = await scene().visitor()
    await customer.begin(alice)
    return customer
  }

  it('say so when the OTP and the PIN are wrong, and go on when they are right', async () => {
    const customer = await scene().visitor()
    await customer.signIn('Alice')
    await customer.startLinking()
    await customer.type('OTP from the SMS', '000000')
    await customer.page.getByRole('alert').filter({ hasText: 'Wrong OTP' }).waitFor()
    expect(await customer.page.title()).to.match(/^Wrong OTP/)
    expect(await customer.page.getByLabel('OTP from the SMS').getAttribute('aria-describedby')).to.equal('wrong hint')
    await customer.type('OTP from the SMS', alice.otp)
    await customer.type('OVO PIN', '000000')
    await customer.page.getByRole('alert').filter({ hasText: 'Wrong PIN' }).waitFor()
    await customer.type('OVO PIN', alice.pin)
    await customer.said('Your OVO account is linked.')
  })

  it('show the numbers to try, and put the focus where one types', async () => {
    const customer = await scene().visitor()
    await customer.signIn('Bob')
    await customer.startLinking()
    await customer.page.getByText(`OTP ${bob.otp} · PIN ${bob.pin}`).waitFor()
    await customer.page.locator('[name=otp]:focus').waitFor()
    await customer.page.getByText('All sandbox accounts').click()
    await customer.page.getByRole('cell', { name: poor.phoneNo }).waitFor()
  })

  it('let a customer cancel linking, and link all the same later', async () => {
    const customer = await scene().visitor()
    await customer.signIn('Alice')
    await customer.startLinking()
    await customer.button('Cancel').click()
    await customer.said('Your OVO account is not linked.')
    await customer.link(alice)
  })

  it('let a customer cancel a payment, and pay the same order later', async () => {
    const customer = await linked()
    await customer.toCheckout('scarf')
    await customer.payButton.click()
    await customer.button('Cancel').click()
    await customer.said('The payment of order T-1001 was cancelled.')
    await customer.standing('T-1001', 'cancelled')
    await customer.button('Try again: order T-1001').click()
    await customer.type('OVO PIN', alice.pin)
    await customer.standing('T-1001', 'paid')
    expect(scene().simulator.ledger).to.have.length(1)
  })

  it('refuse the PIN when it is wrong, and take it when it is right', async () => {
    const customer = await linked()
    await customer.pay('scarf', '999999')
    await customer.page.getByRole('alert').filter({ hasText: 'Wrong PIN' }).waitFor()
    await customer.type('OVO PIN', alice.pin)
    await customer.standing('T-1001', 'paid')
  })

  it('warn who has too little money; then the shop says that it failed', async () => {
    const customer = await scene().visitor()
    await customer.signIn('Alice')
    await customer.link(poor)
    await customer.toCheckout('scarf')
    await customer.payButton.click()
    await customer.page.getByText('Insufficient balance. OVO will refuse this payment.').waitFor()
    await customer.type('OVO PIN', poor.pin)
    await customer.said('The payment of order T-1001 failed.')
    await customer.standing('T-1001', 'failed')
  })

  it('expire: linking', async () => {
    const customer = await scene().visitor()
    await customer.signIn('Alice')
    const backstage = await customer.tab('/backstage')
    await customer.startLinking()
    await customer.page.getByLabel('OTP from the SMS').waitFor()
    await backstage.skip('Skip 16 minutes')
    scene().allow('410 /direct-debit/ui/binding/*')
    await customer.type('OTP from the SMS', alice.otp)
    await customer.page.getByRole('heading', { name: 'This page has expired' }).waitFor()
    await customer.expectAccessible()
    await customer.page.getByRole('link', { name: 'Back to the shop' }).click()
    await customer.said('Your OVO account is not linked.')
  })

  it('expire: paying, after which the order can be paid again', async () => {
    const customer = await linked()
    const backstage = await customer.tab('/backstage')
    await customer.toCheckout('scarf')
    await customer.payButton.click()
    await customer.page.getByLabel('OVO PIN').waitFor()
    await backstage.skip('Skip 16 minutes')
    scene().allow('410 /direct-debit/ui/payment/*')
    await customer.type('OVO PIN', alice.pin)
    await customer.page.getByRole('heading', { name: 'This page has expired' }).waitFor()
    await customer.page.getByRole('link', { name: 'Back to the shop' }).click()
    await customer.standing('T-1001', 'failed')
    await customer.button('Try again: order T-1001').click()
    await customer.type('OVO PIN', alice.pin)
    await customer.standing('T-1001', 'paid')
    expect(scene().simulator.ledger).to.have.length(1)
  })

  it('are not there for who makes up an address', async () => {
    scene().allow('404 /direct-debit/ui/payment/core/1')
    const stranger = await scene().visitor()
    await stranger.page.goto(`${scene().simulator.url}/direct-debit/ui/payment/core/1`)
    await stranger.page.getByText('There is nothing here to confirm.').waitFor()
    await stranger.expectAccessible()
  })
})
