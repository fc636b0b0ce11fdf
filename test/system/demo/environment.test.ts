import { expect } from 'chai'
import { DemoError } from '../../../demo/demo-error.ts'
import { readEnvironment } from '../../../demo/environment.ts'

const sandbox = {
  DOKU_CLIENT_ID: 'BRN-1',
  DOKU_SECRET_KEY: 'SK-1',
  DOKU_PRIVATE_KEY: 'private',
  DOKU_PUBLIC_KEY: 'public',
  PUBLIC_URL: 'https://tunnel.example',
}

describe('the demo’s environment', () => {
  it('asks for the simulator on port 3000 when nothing is set, or everything is empty', () => {
    const keeping = { folder: undefined, databaseUrl: undefined, redisUrl: undefined }
    const simulated = { port: 3000, api: undefined, sandbox: undefined, keeping }
    expect(readEnvironment({})).to.deep.equal(simulated)
    expect(readEnvironment({ DOKU_CLIENT_ID: '', PUBLIC_URL: '', PORT: '' })).to.deep.equal(simulated)
  })

  it('asks for DOKU’s sandbox when all of it is there', () => {
    const wanted = readEnvironment({ ...sandbox, DOKU_PRIVATE_KEY_PASSPHRASE: 'open', DOKU_API: 'core-v1' })
    expect(wanted.sandbox).to.deep.equal({
      url: 'https://tunnel.example',
      dashboard: {
        environment: 'sandbox',
        clientId: 'BRN-1',
        secretKey: 'SK-1',
        privateKey: 'private',
        privateKeyPassphrase: 'open',
        dokuPublicKey: 'public',
        api: 'core-v1',
      },
    })
  })

  for (const name of Object.keys(sandbox)) {
    it(`is refused when ${name} alone is missing`, () => {
      expect(() => readEnvironment({ ...sandbox, [name]: '' })).to.throw(DemoError, new RegExp(`missing: ${name}\\.`))
    })
  }

  it('keeps things where it is told, and quotes no password', () => {
    const urls = { DATABASE_URL: 'postgres://u:secret@db/shop', REDIS_URL: 'redis://cache' }
    expect(readEnvironment(urls, 'folder').keeping).to.deep.equal({
      folder: 'folder',
      databaseUrl: urls.DATABASE_URL,
      redisUrl: urls.REDIS_URL,
    })
    for (const [name, value] of [
      ['DATABASE_URL', 'mysql://u:secret@db/shop'],
      ['REDIS_URL', 'secret'],
    ] as const) {
      expect(() => readEnvironment({ [name]: value }))
        .to.throw(DemoError, `${name} must begin with`)
        .with.property('message')
        .not.includes('secret')
    }
  })

  const wrong = {
    PUBLIC_URL: ['tunnel.example', 'https://tunnel.example/ovo', 'ftp://tunnel.example'],
    PORT: ['-1', '65536', '1.5', 'http'],
    DOKU_API: ['v2'],
  }
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      it(`is refused when ${name} is ${value}`, () => {
        expect(() => readEnvironment({ ...sandbox, [name]: value })).to.throw(DemoError, `${name} is ${value}`)
      })
    }
  }
})
