import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import type { Simulator } from 'express-doku-ovo/simulator'
import { compiled } from '../../support/compiled.ts'
import { clientId, dokuKeys, merchantKeys, secretKey } from '../../support/keys.ts'
import type { MerchantOrder, MerchantReport, MerchantSetup } from '../../support/merchant-process.ts'
import { openStorage, type StorageAddress } from '../../support/open-storage.ts'
import { canStartPostgres, canStartRedis, need, newPostgresDatabase, newRedisDatabase } from '../../support/servers.ts'
import { startSimulator } from '../../support/shop.ts'

const customer = '6281300000000'
const accounts = [{ phoneNo: customer, pin: '111111', otp: '111111', cash: '1.00', points: '0.00' }]
const [oldKey, newKey] = ['the old key of the merchant', 'the new key of the merchant']

const servers = [
  ['redis', newRedisDatabase, canStartRedis, 'links:'],
  ['postgres', newPostgresDatabase, canStartPostgres, 'links'],
] as const

for (const [kind, newDatabase, canStart, name] of servers) {
  describe(`a rolling deploy of encryption keys on ${kind}, one process ahead of the other`, function () {
    this.timeout(120_000)
    let simulator: Simulator
    let address: StorageAddress
    const children: ChildProcess[] = []
    const now = Date.parse('2026-03-01T05:00:00Z')

    before(async function () {
      need(this, `a ${kind} server`, canStart())
      address = [kind, await newDatabase(), name]
      simulator = await startSimulator({ accounts, clock: () => now })
    })
    after(async () => {
      const exits = children.map((child) => once(child, 'exit'))
      for (const child of children) child.disconnect()
      await Promise.all(exits)
      await simulator?.close()
    })

    async function startProcess(encryptionKeys: readonly string[]): Promise<ChildProcess> {
      const child = fork(compiled('test/support/merchant-process.js'), [], { execArgv: [] })
      children.push(child)
      const keys = { privateKey: merchantKeys.privateKey, dokuPublicKey: dokuKeys.publicKey, encryptionKeys }
      const environment = { baseUrl: simulator.url }
      const options = { clientId, secretKey, environment, publicUrl: 'https://shop.example/ovo', ...keys }
      child.send({ storage: address, options } satisfies MerchantSetup)
      await once(child, 'message')
      return child
    }

    async function order(child: ChildProcess, action: MerchantOrder['action'], at = now): Promise<MerchantReport> {
      child.send({ now: at, action, customers: [customer] } satisfies MerchantOrder)
      const [report] = (await once(child, 'message')) as [MerchantReport]
      return report
    }

    async function stored(): Promise<Record<string, unknown>> {
      const { storage, disconnect } = await openStorage(address, () => now)
      const value = (await storage.read(`${clientId}/binding/${customer}`))?.value
      disconnect()
      return value as Record<string, unknown>
    }

    it('leaves the customer linked: the process without the new key changes nothing', async () => {
      const behind = await startProcess([oldKey])
      const ahead = await startProcess([newKey, oldKey])
      const { pages } = await order(behind, 'bind')
      simulator.approveBinding(pages[0] ?? '')
      await simulator.settled()
      // The process that is ahead seals the link with the new key.
      expect((await order(ahead, 'balance')).failures).to.deep.equal([])
      const before = await stored()
      for (const action of ['balance', 'bind'] as const) {
        expect((await order(behind, action)).failures.join()).to.include('does not open')
      }
      expect(await stored()).to.deep.equal(before)
      expect(before.status).to.equal('active')
      expect((await order(ahead, 'balance')).failures).to.deep.equal([])
      const next = await startProcess([oldKey, newKey])
      expect((await order(next, 'balance')).failures).to.deep.equal([])
    })
  })
}
