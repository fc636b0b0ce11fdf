import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import type { Simulator } from 'express-doku-ovo/simulator'
import { recordKeys } from '../../../lib/records/records.ts'
import { compiled } from '../../support/compiled.ts'
import { clientId, dokuKeys, merchantKeys, secretKey } from '../../support/keys.ts'
import type { MerchantOrder, MerchantReport, MerchantSetup } from '../../support/merchant-process.ts'
import { openStorage, type StorageAddress } from '../../support/open-storage.ts'
import { until } from '../../support/private-server.ts'
import { canStartPostgres, canStartRedis, need, newPostgresDatabase, newRedisDatabase } from '../../support/servers.ts'
import { startSimulator } from '../../support/shop.ts'

const processes = 4
const customersOfEach = 25
const lifeMs = 900_000

const phoneNos = Array.from({ length: processes * customersOfEach }, (_, number) => `${6281300000000 + number}`)
const accounts = phoneNos.map((phoneNo) => ({ phoneNo, pin: '111111', otp: '111111', cash: '1.00', points: '0.00' }))
const customersOf = (number: number) => phoneNos.slice(number * customersOfEach, (number + 1) * customersOfEach)

const servers = [
  ['redis', newRedisDatabase, canStartRedis, 'tokens:'],
  ['postgres', newPostgresDatabase, canStartPostgres, 'tokens'],
] as const

for (const [kind, newDatabase, canStart, name] of servers) {
  describe(`the access token of ${processes} processes on ${kind}, at a DOKU that takes the newest one only`, () => {
    let simulator: Simulator
    let children: ChildProcess[] = []
    let now = Date.parse('2026-03-01T05:00:00Z')
    let address: StorageAddress

    before(async function () {
      need(this, `a ${kind} server`, canStart())
      address = [kind, await newDatabase(), name]
      simulator = await startSimulator({ accounts, clock: () => now, onlyNewestAccessToken: true })
      children = await Promise.all(Array.from({ length: processes }, startProcess))
    })
    after(async () => {
      const exits = children.map((child) => once(child, 'exit'))
      for (const child of children) child.disconnect()
      await Promise.all(exits)
      await simulator?.close()
    })

    async function startProcess(): Promise<ChildProcess> {
      const child = fork(compiled('test/support/merchant-process.js'), [], { execArgv: [] })
      const keys = { privateKey: merchantKeys.privateKey, dokuPublicKey: dokuKeys.publicKey }
      const environment = { baseUrl: simulator.url }
      const options = { clientId, secretKey, environment, publicUrl: 'https://shop.example/ovo', ...keys }
      child.send({ storage: address, options } satisfies MerchantSetup)
      await once(child, 'message')
      return child
    }

    /** All processes at once, each for its customers. Nobody may notice anything of what happens to the token. */
    async function everybody(action: MerchantOrder['action']): Promise<string[]> {
      const reports = await Promise.all(
        children.map(async (child, number) => {
          child.send({ now, action, customers: customersOf(number) } satisfies MerchantOrder)
          const [report] = (await once(child, 'message')) as [MerchantReport]
          return report
        }),
      )
      expect(reports.flatMap(({ failures }) => failures)).to.deep.equal([])
      return reports.flatMap(({ pages }) => pages)
    }

    const fetches = () => simulator.arrivals.filter(({ operation }) => operation === 'access-token').length

    /** Nobody is fetching any more: whoever was is not to be taken for dead because the test moves the clock. */
    async function settled(count: number): Promise<void> {
      const { storage, disconnect } = await openStorage(address, () => now)
      await until(async () => {
        const value = (await storage.read(recordKeys(clientId).accessToken))?.value
        return fetches() >= count && !JSON.stringify(value ?? null).includes('fetchingUntil')
      })
      disconnect()
    }

    it('is fetched once for all of them when all are cold', async () => {
      const pages = await everybody('bind')
      expect(fetches()).to.equal(1)
      for (const page of pages) simulator.approveBinding(page)
    })

    it('is fetched once per life, in the background or when it has ended, and no request fails', async () => {
      let lives = fetches()
      for (const share of [0.8, 0.8, 1, 0.9, 2, 0.8]) {
        now += share * lifeMs
        await everybody('balance')
        await settled(++lives)
        await everybody('balance')
        expect(fetches()).to.equal(lives)
      }
    })
  })
}
