import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import { createSimulator, type SimulatorOptions } from '../../../lib/simulator/index.ts'
import { baseOptions, dokuKeys, merchantKeys } from './scene.ts'

const create = (options: object) => () => createSimulator({ ...baseOptions, ...options } as SimulatorOptions)
const { publicKey: ecPublicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const WRONG: [option: string, value: unknown][] = [
  ['clientId', ''],
  ['clientId', 7],
  ['secretKey', undefined],
  ['merchantPublicKey', 'not a key'],
  ['merchantPublicKey', merchantKeys.privateKey],
  ['merchantPublicKey', merchantKeys.privateKey.export({ type: 'pkcs8', format: 'pem' })],
  ['merchantPublicKey', ecPublicKey],
  ['dokuPrivateKey', dokuKeys.publicKey],
  ['dokuPrivateKey', 7],
  ['merchant', { tokenUrl: 'https://shop.example/token' }],
  ['merchant', { tokenUrl: '/token', notificationUrl: '/notify' }],
  ['clock', 7],
  ['sleep', 'no'],
  ['random', null],
  ['retryScheduleMs', ['1']],
  ['retryScheduleMs', 1],
  ['accounts', [{ phoneNo: '6281200000001', pin: '1', otp: '1', cash: '10', points: '0.00' }]],
  ['accounts', [null]],
  ['accessTokenSeconds', 0],
  ['customerTokenSeconds', '900'],
  ['timestampWindowMs', -1],
  ['onlyNewestAccessToken', 'yes'],
  ['sendsBindingNotification', 1],
  ['deduplicates', 'no'],
  ['dialect', { generations: ['ovo-v2'] }],
  ['dialect', { deviceID: 'required' }],
  ['dialect', null],
  ['log', {}],
  ['secretkey', 'SK'],
]

describe('createSimulator', () => {
  for (const [option, value] of WRONG) {
    it(`refuses ${option}: ${value instanceof Object ? value.constructor.name : value} and names the option`, () => {
      expect(create({ [option]: value })).to.throw(TypeError, new RegExp(`createSimulator: ${option} `))
    })
  }

  it('names every wrong option at once, and the missing ones', () => {
    const { secretKey: _, ...rest } = baseOptions
    expect(() => createSimulator({ ...rest, clientId: '' } as unknown as SimulatorOptions)).to.throw(
      TypeError,
      /secretKey is missing; clientId must be/,
    )
    expect(() => createSimulator(undefined as unknown as SimulatorOptions)).to.throw(TypeError, /clientId is missing/)
  })

  it('takes keys as PEM text', () => {
    const merchantPublicKey = merchantKeys.publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const dokuPrivateKey = dokuKeys.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
    expect(create({ merchantPublicKey, dokuPrivateKey })).not.to.throw()
  })

  it('checks the URLs that setMerchant is given', () => {
    const simulator = createSimulator(baseOptions)
    expect(() => simulator.setMerchant({ tokenUrl: 'https://shop.example/t', notificationUrl: 'x' })).to.throw(
      TypeError,
      /setMerchant: merchant must be/,
    )
  })
})
