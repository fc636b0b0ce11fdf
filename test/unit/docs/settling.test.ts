import { PGlite } from '@electric-sql/pglite'
import { expect } from 'chai'
import type { Payment } from 'express-doku-ovo'
import { Orders as DemoOrders } from '../../../demo/orders.ts'
import { memoryShelf } from '../../../demo/shelf.ts'
import { Orders as ExampleOrders } from '../../../examples/your-shop.ts'
import { readPage, section } from '../../support/docs/markdown.ts'

const price = '85000.00'
const alice = { id: 'alice' }

/** A sample with one open order that costs 85000.00. */
interface Sample {
  readonly orderId: string
  tell(payment: Payment): unknown
  isPaid(): Promise<boolean>
  /** Times the sample said that a wrong amount was paid. */
  alarms(): number
  close(): Promise<void>
}

type Changed = { readonly hooks: { paymentChanged(event: { payment: Payment }): unknown } }

/** Counts what is said on the console while it runs. */
async function counting(run: () => unknown): Promise<number> {
  const { error } = console
  let count = 0
  console.error = () => count++
  try {
    await run()
  } finally {
    console.error = error
  }
  return count
}

const samples: Readonly<Record<string, () => Promise<Sample>>> = {
  async 'examples/your-shop.ts'() {
    const orders = new ExampleOrders()
    await orders.add({ id: 'T-1', customerId: 'alice', amount: price, status: 'open' })
    let alarms = 0
    return {
      orderId: (await orders.toPay('T-1', alice))?.orderId ?? '',
      tell: async (payment) => {
        alarms += await counting(() => orders.settle(payment))
      },
      isPaid: async () => (await orders.find('T-1', alice))?.status === 'paid',
      alarms: () => alarms,
      close: async () => undefined,
    }
  },
  async 'examples/express4.cjs'() {
    const routes: Record<string, (req: object, res: object) => unknown> = {}
    const app = { use: () => app, post: keep, get: keep, listen: () => undefined }
    function keep(path: string, handler: (typeof routes)[string]) {
      routes[path] = handler
    }
    let options: Changed | undefined
    const modules: Record<string, unknown> = {
      'node:crypto': { randomUUID: () => 'T-1' },
      express: Object.assign(() => app, { json: () => undefined }),
      'express-doku-ovo': {
        dokuOvo: (given: Changed) => {
          options = given
        },
      },
    }
    const quiet = { env: {}, once: () => undefined }
    new Function('require', 'process', readPage('examples/express4.cjs'))((name: string) => modules[name], quiet)
    const headers = { cookie: 'session=session-of-alice' }
    // biome-ignore lint/suspicious/noExplicitAny: the order as the example keeps it
    let order: any
    const res = {
      status: () => res,
      json: (body: unknown) => {
        order = body
      },
    }
    routes['/orders']?.({ headers, body: { product: 'coffee' } }, res)
    order.amount = price
    let alarms = 0
    return {
      orderId: order.id,
      tell: async (payment) => {
        alarms += await counting(() => options?.hooks.paymentChanged({ payment }))
      },
      isPaid: async () => order.status === 'paid',
      alarms: () => alarms,
      close: async () => undefined,
    }
  },
  async 'docs/hooks.md'() {
    const database = new PGlite()
    await database.exec('CREATE TABLE orders (id text PRIMARY KEY, amount numeric(18, 2), state text)')
    await database.query("INSERT INTO orders VALUES ('T-1', $1, 'open')", [price])
    const text = section(readPage('docs/hooks.md'), 'Delivering an order once')
    const code = /```ts\n([\s\S]*?)```/.exec(text)?.[1] ?? ''
    const plain = code.replace(/^import type.*\n/, '').replace('hooks: Hooks', 'hooks')
    const db = {
      query: async (sql: string, values: unknown[]) => {
        const { affectedRows, rows } = await database.query(sql, values)
        return { rowCount: sql.startsWith('SELECT') ? rows.length : affectedRows }
      },
    }
    const shipped: string[] = []
    let alarms = 0
    const hooks = new Function('db', 'ship', 'alarm', `${plain}\nreturn hooks`)(
      db,
      (id: string) => shipped.push(id),
      () => alarms++,
    ) as Changed['hooks']
    return {
      orderId: 'T-1',
      tell: (payment) => hooks.paymentChanged({ payment }),
      isPaid: async () => {
        const { rows } = await database.query<{ state: string }>('SELECT state FROM orders')
        const isPaid = rows[0]?.state === 'paid'
        expect(shipped).to.have.length(isPaid ? 1 : 0)
        return isPaid
      },
      alarms: () => alarms,
      close: () => database.close(),
    }
  },
  async 'the demo'() {
    const orders = await DemoOrders.open(memoryShelf())
    const basket = await orders.put('alice', 'coffee', 1)
    const order = await orders.place('alice', basket?.id, false)
    expect(order?.amount).to.equal(price)
    let alarms = 0
    return {
      orderId: order?.id ?? '',
      tell: async (payment) => {
        if (!(await orders.paymentChanged(payment))) alarms++
      },
      isPaid: async () => orders.of('alice')[0]?.paidBy !== undefined,
      alarms: () => alarms,
      close: async () => undefined,
    }
  },
}

for (const [name, open] of Object.entries(samples)) {
  describe(`how ${name} settles an order`, () => {
    let sample: Sample
    before(async () => {
      sample = await open()
    })
    after(() => sample.close())

    const tell = (status: Payment['status'], attempt: string, value = price) => {
      const time = '2026-03-01T05:00:00.000Z'
      const amount = { value, currency: 'IDR' } as const
      const { orderId } = sample
      return sample.tell({ partnerReferenceNo: attempt, orderId, status, amount, createdAt: time, updatedAt: time })
    }

    it('not by money for the cart as it was before, and a person learns of that', async () => {
      await tell('paid', 'R1', '10000.00')
      expect([await sample.isPaid(), sample.alarms()]).to.deep.equal([false, 1])
    })

    it('by its own amount', async () => {
      await tell('awaiting-customer', 'R2')
      expect(await sample.isPaid()).to.equal(false)
      await tell('paid', 'R2')
      expect([await sample.isPaid(), sample.alarms()]).to.deep.equal([true, 1])
    })

    it('once: a repeat is no error, and a late end of an older attempt changes nothing', async () => {
      await tell('paid', 'R2')
      for (const status of ['cancelled', 'failed', 'processing'] as const) await tell(status, 'R1', '10000.00')
      expect([await sample.isPaid(), sample.alarms()]).to.deep.equal([true, 1])
    })
  })
}

describe('every sample’s findOrder', () => {
  const pages = ['README.md', 'docs/getting-started.md', 'docs/testing.md', 'examples/express4.cjs', 'demo/server.ts']
  const own = ['README.md', 'docs/getting-started.md', 'docs/testing.md', 'examples/your-shop.ts']
  for (const page of [...pages, 'docs/hosts.md']) {
    it(`looks at the customer in ${page}`, () => {
      const heads = [...readPage(page).matchAll(/findOrder: (?:async )?\(([^)]*)\)/g)].map(([, given]) => given)
      expect(heads).not.to.deep.equal([])
      expect(new Set(heads)).to.deep.equal(new Set(['orderId, customer']))
    })
  }
  for (const page of [...own, 'examples/express4.cjs', 'examples/many-processes.ts', 'demo/server.ts']) {
    it(`returns the order’s own id in ${page}`, () => {
      expect(readPage(page)).to.match(/(\{|=> \{) ?orderId(: [\w.']+)?,|orderId: order\.id,|orderId: id,/)
    })
  }
})
