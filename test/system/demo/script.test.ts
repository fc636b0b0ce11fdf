import { expect } from 'chai'
import { Journal } from '../../../demo/journal.ts'
import { createLogger } from '../../../demo/print.ts'
import { report } from '../../../demo/report.ts'
import { runScript } from '../../../demo/script.ts'
import { startDemo } from '../../../demo/start.ts'
import { DemoProcess } from './child.ts'

const steps = [
  'Alice signs in',
  'Alice asks to link her OVO account',
  'She enters OTP and PIN on OVO’s page',
  'DOKU notifies the shop: the account is linked',
  'Alice looks at her balance',
  'Alice puts a scarf into her basket and orders it',
  'Alice pays order T-1001',
  'She returns without paying',
  'She enters her PIN on OVO’s page',
  'DOKU notifies the shop: the order is paid',
  'Alice unlinks her OVO account',
  'All steps passed.',
]

for (const api of ['ovo-v1.0', 'core-v1'] as const) {
  describe(`npm run demo -- --script, ${api}`, () => {
    it('walks the whole flow, prints every step and signed call, and ends with exit code 0', async () => {
      const demo = new DemoProcess(['--script'], { DOKU_API: api })
      expect(await demo.ended(), demo.stdout + demo.stderr).to.equal(0)
      expect(demo.stderr).to.equal('')
      for (const step of steps) expect(demo.stdout).to.include(step)
      const operations = [...demo.stdout.matchAll(/→ DOKU {2}POST \/\S+ \((\w+)\)/g)].map(([, operation]) => operation)
      const expected = 'accessToken binding customerToken balance payment status balance unbinding'
      expect(operations).to.have.members(expected.split(' '))
      expect(demo.stdout.match(/string-to-sign: \S+/g)).to.have.length(operations.length)
      expect(demo.stdout.match(/← DOKU {2}POST \/ovo\/webhooks\/notification/g)).to.have.length(2)
      expect(demo.stdout).to.match(/← DOKU {2}200 20054\d\d success/)
    })
  })
}

describe('what the script prints', () => {
  it('holds no key, and no token or authCode of those that travelled', async () => {
    const lines: string[] = []
    const print = (text: string) => void lines.push(text)
    const journal = new Journal()
    const wanted = { port: 0, api: undefined, sandbox: undefined, keeping: {} }
    const demo = await startDemo(wanted, { logger: createLogger(print), told: journal.add })
    const stopReport = report(print, 'full')
    try {
      await runScript(demo, journal, print)
    } finally {
      stopReport()
      await demo.close()
    }
    const secrets = secretsOf(demo.simulator?.calls ?? [], demo.simulator?.notifications ?? [])
    expect(secrets.size).to.be.at.least(8)
    const output = lines.join('\n')
    for (const secret of secrets) expect(output).not.to.include(secret)
    expect(output).not.to.match(/-----BEGIN|\bSK-|eyJ[\w-]+\.eyJ/)
  })
})

interface Travelled {
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: unknown
}

/** The tokens, signatures and authCodes that went either way, whole. */
function secretsOf(...all: (readonly Travelled[])[]): Set<string> {
  const found = all.flat().flatMap(({ headers, body }) => {
    const sent = typeof body === 'string' ? JSON.parse(body) : body
    const { authorization, 'authorization-customer': customer, 'x-signature': signature } = headers
    const bearers = [authorization, customer].map((value) => value?.replace('Bearer ', ''))
    return [...bearers, signature, sent.authCode, sent.tokenId, sent.additionalInfo?.authCode]
  })
  return new Set(found.filter((secret) => typeof secret === 'string'))
}
