import { expect } from 'chai'
import { isDokuPage } from '../../../lib/doku/pages.ts'
import { alice, link, rejection, type Scene, startScene } from '../../support/scene.ts'

const simulator = 'http://127.0.0.1:4000'

/** Addresses that are not DOKU's, however much they look like it. */
const foreign = [
  'http://sandbox.doku.com/direct-debit/ui/binding/1',
  'https://doku.com.evil.example/',
  'https://evil.example/doku.com',
  'https://evil.example/?https://doku.com',
  'https://evil.example#.doku.com',
  'https://evildoku.com/',
  'https://doku.com@evil.example/',
  'https://sandbox.doku.com:secret@evil.example/',
  'https://user@sandbox.doku.com/',
  'https://doku.com./',
  'https://doku.co/',
  'https://dokυ.com/',
  'https://xn--doku-1234.com/',
  'https://127.0.0.1:4000/page',
  'http://127.0.0.1:4001/page',
  'http://127.0.0.1/page',
  'javascript:alert(1)//doku.com',
  'https://sandbox.doku.com\\@evil.example/',
  'https:\\\\sandbox.doku.com/',
  'https://sandbox.doku.com/\r\nSet-Cookie: a=b',
  ' https://sandbox.doku.com/',
  'https://evil.example\t.doku.com/',
  'https://sandbox.doku.com/\u202egnp.exe',
  'data:text/html,doku.com',
  '//sandbox.doku.com/',
  '/page',
  '',
]

const own = [
  'https://sandbox.doku.com/direct-debit/ui/binding/core/1234',
  'https://doku.com/',
  'https://DOKU.com/page?x=1#y',
  'https://a.b.doku.com:8443/page',
  `${simulator}/binding/1`,
]

describe('a page of DOKU', () => {
  for (const url of foreign) it(`is not ${url || 'nothing'}`, () => expect(isDokuPage(url, simulator)).to.equal(false))
  for (const url of own) it(`is ${url}`, () => expect(isDokuPage(url, simulator)).to.equal(true))
})

/** What the schema of the answers lets through as it is: every web address. */
const webAddresses = foreign.filter((url) => /^https?:\/\/[^\t\r\n]+$/.test(url) && URL.canParse(url))

describe('a page that DOKU names, on a host that is not its own', () => {
  let scene: Scene
  beforeEach(async () => {
    scene = await startScene()
  })
  afterEach(() => scene.close())

  for (const url of webAddresses) {
    it(`${url}: nobody is sent there to link an account, and the link is given up`, async () => {
      const body = { responseCode: '2000700', redirectUrl: url, additionalInfo: { authCode: 'auth-code-secret' } }
      scene.doku.next('binding', { status: 200, body })
      const error = await rejection(scene.ovo.service.bind(alice, { phoneNo: '081200000001' }))
      expect(error.code).to.equal('DOKU_PAGE_UNTRUSTED')
      const binding = await scene.ovo.service.binding(alice)
      expect(binding.status).to.equal('failed')
      expect(binding).not.to.have.property('redirectUrl')
      expect(scene.logged.filter(({ level }) => level === 'error')).to.have.length(1)
      expect(JSON.stringify(scene.logged)).not.to.contain('auth-code-secret')
    })

    it(`${url}: nobody is sent there to pay, and the payment stands`, async () => {
      await link(scene)
      scene.doku.next('payment', { status: 200, body: { responseCode: '2005400', webRedirectUrl: url } })
      const { payment } = await scene.ovo.service.pay(alice, { orderId: 'order-1' })
      expect(payment.status).to.equal('awaiting-customer')
      expect(payment).not.to.have.property('webRedirectUrl')
      const again = await scene.ovo.service.pay(alice, { orderId: 'order-1' })
      expect([again.created, again.payment.partnerReferenceNo]).to.deep.equal([false, payment.partnerReferenceNo])
      expect(scene.logged.some(({ level, details }) => level === 'error' && details.host !== undefined)).to.equal(true)
    })
  }
})
