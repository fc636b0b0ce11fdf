import { expect } from 'chai'
import { alice, describeInChromium, type Visitor } from './scene.ts'

describeInChromium('whatever people click, money moves once:', (scene) => {
  let customer: Visitor
  beforeEach(async () => {
    customer = await scene().visitor()
    await customer.begin(alice)
  })

  const charges = () => scene().simulator.ledger.length
  const paymentCalls = () => scene().simulator.calls.filter(({ operation }) => operation === 'payment').length

  it('a double click on Pay in the basket', async () => {
    await customer.toCheckout('scarf', { oneClick: true })
    await customer.payButton.dblclick()
    await customer.standing('T-1001', 'paid')
    expect([charges(), paymentCalls(), await customer.page.locator('[data-order]').count()]).to.deep.equal([1, 1, 1])
  })

  it('a double click on Pay at OVO', async () => {
    await customer.toCheckout('scarf')
    await customer.payButton.click()
    await customer.page.getByLabel('OVO PIN').fill(alice.pin)
    await customer.button('Pay').dblclick()
    await customer.standing('T-1001', 'paid')
    expect(charges()).to.equal(1)
  })

  it('a double click on Refund', async () => {
    await customer.pay('scarf', alice.pin)
    await customer.standing('T-1001', 'paid')
    const operator = await scene().visitor()
    await operator.signIn('Ratna')
    await operator.go('/operator')
    await operator.button('Refund order T-1001').click()
    await operator.page.getByLabel('Amount in rupiah').fill('1000')
    await operator.page.locator('dialog').getByRole('button', { name: 'Refund' }).dblclick()
    await operator.said('Rp1.000 goes back to the customer.')
    expect(scene().simulator.refunds).to.have.length(1)
  })

  it('Pay in two tabs of the same basket', async () => {
    await customer.toCheckout('scarf')
    const second = await customer.tab('/checkout')
    await second.payButton.waitFor()
    await Promise.all([customer.payButton.click(), second.payButton.click()])
    await Promise.all([customer, second].map(({ page }) => page.getByLabel('OVO PIN').waitFor()))
    expect(customer.page.url()).to.equal(second.page.url())
    await second.type('OVO PIN', alice.pin)
    await second.standing('T-1001', 'paid')
    await customer.type('OVO PIN', alice.pin)
    await customer.standing('T-1001', 'paid')
    expect([charges(), paymentCalls()]).to.deep.equal([1, 1])
  })

  it('a second tab in which the orders stand open sees them paid by itself', async () => {
    await customer.toCheckout('scarf')
    const second = await customer.tab('/orders')
    await customer.payButton.click()
    await second.standing('T-1001', 'awaiting-customer')
    await customer.type('OVO PIN', alice.pin)
    await second.standing('T-1001', 'paid')
  })

  it('Back from OVO’s page, and on again from the list of orders', async () => {
    await customer.toCheckout('scarf')
    await customer.payButton.click()
    await customer.page.getByLabel('OVO PIN').waitFor()
    await customer.page.goBack()
    await customer.page.getByText('Your basket is empty.').waitFor()
    await customer.page.getByRole('link', { name: 'See your orders' }).click()
    await customer.button('Go on at OVO: order T-1001').click()
    await customer.type('OVO PIN', alice.pin)
    await customer.standing('T-1001', 'paid')
    expect([charges(), paymentCalls()]).to.deep.equal([1, 1])
  })

  it('Back into OVO’s page after paying, wrong PINs and all: it leads to the shop again', async () => {
    await customer.pay('scarf', '000000')
    await customer.page.getByRole('alert').waitFor()
    await customer.type('OVO PIN', alice.pin)
    await customer.standing('T-1001', 'paid')
    await customer.page.goBack()
    await customer.standing('T-1001', 'paid')
    expect(customer.page.url()).to.equal(`${customer.url}/orders`)
    expect(charges()).to.equal(1)
  })

  it('Reload of the page that OVO has sent the browser to', async () => {
    await customer.pay('scarf', alice.pin)
    await customer.standing('T-1001', 'paid')
    await customer.page.reload()
    await customer.standing('T-1001', 'paid')
    expect(charges()).to.equal(1)
  })
})

describeInChromium('linking, whatever people click,', (scene) => {
  it('is finished in one tab, and the other one goes to the shop', async () => {
    const first = await scene().visitor()
    await first.signIn('Alice')
    await first.startLinking()
    await first.page.getByLabel('OTP from the SMS').waitFor()
    const second = await first.tab('/account')
    await second.page.getByRole('link', { name: 'Go on at OVO' }).click()
    await second.type('OTP from the SMS', alice.otp)
    await second.type('OVO PIN', alice.pin)
    await second.said('Your OVO account is linked.')
    await first.type('OTP from the SMS', alice.otp)
    await first.said('Your OVO account is linked.')
  })

  it('survives Back from the PIN to the OTP', async () => {
    const customer = await scene().visitor()
    await customer.signIn('Alice')
    await customer.startLinking()
    await customer.type('OTP from the SMS', alice.otp)
    await customer.page.getByLabel('OVO PIN').waitFor()
    await customer.page.goBack()
    await customer.go('/account')
    await customer.page.getByRole('link', { name: 'Go on at OVO' }).click()
    await customer.type('OVO PIN', alice.pin)
    await customer.said('Your OVO account is linked.')
  })
})
