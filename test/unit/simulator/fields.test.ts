import { expect } from 'chai'
import { APIS, type Api, bindingBody, CORE_V1, OVO_V1, paymentBody, STATUS } from './paths.ts'
import { Scene } from './scene.ts'

/** Lays a value at a dotted path; `undefined` takes the field away. */
function put(body: object, path: string, value: unknown): object {
  const copy = structuredClone(body)
  const steps = path.split('.')
  const last = steps.pop() ?? ''
  const target = steps.reduce<object>((node, step) => Reflect.get(node, step), copy)
  Reflect.set(target, last, value)
  return copy
}

type Row = [field: string, value: unknown, caseCode: '01' | '02', reported?: string]

const long = (length: number) => 'x'.repeat(length)

const BINDING: Row[] = [
  ['phoneNo', undefined, '02'],
  ['phoneNo', '', '02'],
  ['phoneNo', 6281200000001, '01'],
  ['phoneNo', '081200000001', '01'],
  ['phoneNo', '62812345', '01'],
  ['phoneNo', '62812345678901234', '01'],
  ['phoneNo', '+62812345678', '01'],
  ['additionalInfo.custIdMerchant', undefined, '02'],
  ['additionalInfo.custIdMerchant', long(65), '01'],
  ['additionalInfo.customerName', long(71), '01'],
  ['additionalInfo.email', 'nobody', '01'],
  ['additionalInfo.email', `${long(60)}@x.id`, '01'],
  ['additionalInfo.idCard', long(21), '01'],
  ['additionalInfo.country', long(61), '01'],
  ['additionalInfo.address', long(256), '01'],
  ['additionalInfo.dateOfBirth', '1999-01-01', '01'],
  ['additionalInfo.dateOfBirth', '19991301', '01'],
  ['additionalInfo.successRegistrationUrl', undefined, '02'],
  ['additionalInfo.successRegistrationUrl', '/bound', '01'],
  ['additionalInfo.failedRegistrationUrl', null, '02'],
  ['additionalInfo.failedRegistrationUrl', 'javascript:alert(1)', '01'],
]

const PAYMENT: Row[] = [
  ['partnerReferenceNo', undefined, '02'],
  ['partnerReferenceNo', long(65), '01'],
  ['amount', undefined, '02', 'amount.value'],
  ['amount', '10000.00', '02', 'amount.value'],
  ['amount.value', 10000, '01'],
  ['amount.value', '10000', '01'],
  ['amount.value', '10000.0', '01'],
  ['amount.value', '-1.00', '01'],
  ['amount.value', '1.000.00', '01'],
  ['amount.value', '0.00', '01'],
  ['amount.value', `${'1'.repeat(17)}.00`, '01'],
  ['amount.value', '10000.01', '01', 'payOptionDetails'],
  ['amount.currency', 'USD', '01'],
  ['amount.currency', undefined, '02'],
  ['feeType', 'ALL', '01'],
  ['payOptionDetails', undefined, '02'],
  ['payOptionDetails', [], '01'],
  ['payOptionDetails', {}, '01'],
  ['payOptionDetails', ['CASH'], '01'],
  ['payOptionDetails.0.payMethod', 'CARD', '01', 'payOptionDetails[0].payMethod'],
  ['payOptionDetails.0.payMethod', undefined, '02', 'payOptionDetails[0].payMethod'],
  ['payOptionDetails.0.transAmount', undefined, '02', 'payOptionDetails[0].transAmount.value'],
  ['payOptionDetails.0.transAmount.value', '9999.99', '01', 'payOptionDetails'],
  ['payOptionDetails.0.feeAmount.value', '1', '01', 'payOptionDetails[0].feeAmount.value'],
  ['additionalInfo.lineItems', 'masker', '01'],
  ['additionalInfo.lineItems.0.name', long(33), '01', 'additionalInfo.lineItems[0].name'],
  ['additionalInfo.lineItems.0.price', '5000', '01', 'additionalInfo.lineItems[0].price'],
  ['additionalInfo.lineItems.0.price', -1, '01', 'additionalInfo.lineItems[0].price'],
  ['additionalInfo.lineItems.0.quantity', 1.5, '01', 'additionalInfo.lineItems[0].quantity'],
  ['additionalInfo.remarks', long(41), '01'],
  ['additionalInfo.successPaymentUrl', undefined, '02'],
  ['additionalInfo.failedPaymentUrl', 'shop.example', '01'],
]

const CHECK_STATUS: Row[] = [
  ['serviceCode', undefined, '02'],
  ['serviceCode', '07', '01'],
  ['originalPartnerReferenceNo', undefined, '02'],
  ['originalPartnerReferenceNo', long(65), '01'],
  ['originalExternalId', 'abc', '01'],
  ['amount', { value: '1', currency: 'IDR' }, '01', 'amount.value'],
  ['additionalInfo', { channel: 'EMONEY_DANA_SNAP' }, '01', 'additionalInfo.channel'],
]

const shown = (value: unknown) => {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 40 ? `${text.length} characters` : text
}

for (const api of APIS) {
  describe(`the body of a call to the simulator (${api.name})`, () => {
    let scene: Scene
    let customerToken: string
    before(async () => {
      scene = await Scene.open()
      customerToken = (await scene.bind(api)).customerToken
    })
    after(() => scene.simulator.close())

    const refuses = (service: string, path: (api: Api) => string, body: (api: Api) => object, rows: Row[]) => {
      for (const [field, value, caseCode, reported = field] of rows) {
        it(`is refused with 400${service}${caseCode} when ${field} is ${shown(value)}`, async () => {
          const answer = await scene.merchant.call(path(api), put(body(api), field, value), { customerToken })
          const what = caseCode === '02' ? 'Invalid Mandatory Field' : 'Invalid Field Format'
          expect(answer.body).to.deep.equal({
            responseCode: `400${service}${caseCode}`,
            responseMessage: `${what} ${reported}`,
          })
          expect(answer.status).to.equal(400)
          expect(scene.simulator.calls.at(-1)).to.include({ verdict: 'refused', isAuthentic: true })
        })
      }
    }

    refuses('07', ({ binding }) => binding, bindingBody, BINDING)
    refuses(
      '54',
      ({ payment }) => payment,
      (one) => paymentBody(one, 'INV-fields'),
      PAYMENT,
    )
    refuses(
      '55',
      () => STATUS,
      () => ({ originalPartnerReferenceNo: 'INV-1', serviceCode: '54' }),
      CHECK_STATUS,
    )
    refuses(
      '09',
      ({ unbinding }) => unbinding,
      ({ channel }) => ({ tokenId: 'x', additionalInfo: channel }),
      [
        ['tokenId', undefined, '02'],
        ['tokenId', long(2049), '01'],
      ],
    )

    it('has to be a JSON object', async () => {
      for (const rawBody of ['', '{', '[]', '"x"', 'null']) {
        const { body } = await scene.merchant.call(api.binding, {}, { rawBody })
        expect(body).to.deep.equal({ responseCode: '4000700', responseMessage: 'Bad Request' })
      }
    })

    it('may be spaced in any way, because the signature covers it minified', async () => {
      const minified = JSON.stringify(bindingBody(api, '6281200000002', 'spaced'))
      await scene.merchant.call(api.binding, {}, { rawBody: minified })
      const headers = scene.simulator.calls.at(-1)?.headers ?? {}
      const signed = { 'x-signature': headers['x-signature'] }
      const rawBody = JSON.stringify(JSON.parse(minified), null, 2)
      const options = { rawBody, headers: signed, externalId: '4242' }
      const { status } = await scene.merchant.call(api.binding, {}, options)
      expect(status).to.equal(200)
    })

    it('may have fields that nobody knows, prices as numbers and quantities as text', async () => {
      const lineItems = [{ name: 'aqua', price: 10000, quantity: '1' }]
      const extra = { lineItems, origin: { product: 'SDK' }, remarks: null, merchantTrxId: 'x' }
      const { status } = await scene.pay(api, customerToken, `INV-extra-${api.name}`, '10000.00', extra)
      expect(status).to.equal(200)
    })
  })
}

describe('additionalInfo.paymentType', () => {
  it('is checked in core-v1, and means nothing in ovo-v1.0', async () => {
    const scene = await Scene.open()
    const { customerToken } = await scene.bind(CORE_V1)
    const current = await scene.pay(CORE_V1, customerToken, 'INV-1', '10000.00', { paymentType: 'LATER' })
    expect(current.body).to.include({
      responseCode: '4005401',
      responseMessage: 'Invalid Field Format additionalInfo.paymentType',
    })
    const archived = await scene.pay(OVO_V1, customerToken, 'INV-1', '10000.00', { paymentType: 'LATER' })
    expect(archived.body.webRedirectUrl).to.match(OVO_V1.paymentPage)
    await scene.simulator.close()
  })
})
