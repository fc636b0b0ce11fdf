import { expect } from 'chai'
import type { Payment } from 'express-doku-ovo'
import { Orders } from '../../../demo/orders.ts'
import { memoryShelf } from '../../../demo/shelf.ts'

const at = (second: number) => `2026-03-01T05:00:0${second}.000Z`

function news(orderId: string, status: Payment['status'], second: number): Payment {
  const amount = { value: '85000.00', currency: 'IDR' } as const
  return { partnerReferenceNo: 'R1', orderId, status, amount, createdAt: at(0), updatedAt: at(second) }
}

describe('the demo’s orders', () => {
  it('keep the latest news of a payment, when a parked event is delivered long after it', async () => {
    const orders = await Orders.open(memoryShelf())
    const basket = await orders.put('alice', 'coffee', 1)
    const order = await orders.place('alice', basket?.id, false)
    const id = order?.id ?? ''
    await orders.paymentChanged(news(id, 'paid', 2))
    await orders.paymentChanged(news(id, 'processing', 1))
    await orders.paymentChanged(news(id, 'paid', 2))
    const statuses = orders.of('alice').flatMap(({ payments }) => payments.map(({ status }) => status))
    expect(statuses).to.deep.equal(['paid'])
  })

  it('are found again by who opens the same shelf', async () => {
    const shelf = memoryShelf()
    const basket = await (await Orders.open(shelf)).put('bob', 'gong', 2)
    expect((await Orders.open(shelf)).basketOf('bob')).to.deep.equal(basket)
  })
})
