import { expect } from 'chai'
import { HostError, ProblemError } from 'express-doku-ovo'
import { bindingInput, customerOutput, orderOutput, parseInput, parseOutput } from '../../../lib/model/input.ts'

describe('input of a wrong type', () => {
  const order = (output: unknown) => () => parseOutput(orderOutput, 'findOrder()', output)

  it('of the host is told with its place, and what it must be', () => {
    expect(order({ amount: 25000 })).to.throw(HostError, 'findOrder().amount: must be text, not a number')
    expect(order({})).to.throw(HostError, 'findOrder().amount: is missing')
    expect(order([])).to.throw(HostError, 'findOrder(): must be an object, not a list')
    const item = (quantity: unknown) => ({ name: 'tea', price: '1.00', quantity })
    const place = 'findOrder().lineItems.0.quantity: must be a whole number, not'
    expect(order({ amount: '1.00', lineItems: [item('2')] })).to.throw(HostError, `${place} a string`)
    expect(order({ amount: '1.00', lineItems: [item(1.5)] })).to.throw(HostError, `${place} 1.5`)
    const customer = () => parseOutput(customerOutput, 'identify()', { id: null })
    expect(customer).to.throw(HostError, 'identify().id: must be text, not null')
  })

  it('of a customer is told in the same words', () => {
    const phoneNo = () => parseInput(bindingInput, { phoneNo: 81200000001 })
    expect(phoneNo).to.throw(ProblemError, 'phoneNo: must be text, not a number')
  })
})
