import { keys, ordersOn } from '../simulation/checks/records.ts'
import type { Mutation } from '../simulation/mutations.ts'
import { plainVault } from '../simulation/world/vault.ts'
import { type DokuPayment, tokenOf } from './doku.ts'
import { type Agent, minuteMs, type Snapshot, startsAt, World } from './world.ts'

const orderId = 'order-1'
const alice = { id: 'customer-a' }
const bob = { id: 'customer-b' }
const customers = [alice, bob] as const

interface Operation {
  /** The step with which it begins: it can wait for something, and do something to DOKU. */
  readonly first: (world: World) => Parameters<World['begin']>[1]
  readonly work: (world: World, agent: Agent, customer: typeof alice) => Promise<unknown>
  /** The process's clock is so far ahead of the others'. */
  readonly laterByMs?: number
}

const nothing = (label: string) => () => ({ label, touches: [], act: () => {} })
const referenceIn = ({ disk }: World) => ordersOn(disk)[0]?.attempts[0]?.partnerReferenceNo
const atDoku = ({ doku }: World): DokuPayment | undefined => doku.state.payments[0]

/** The customer confirms on OVO's page; DOKU can also turn a failure into a success. */
const confirms = (label: string) => (world: World) => ({
  label,
  touches: [{ key: 'doku', isWrite: true }],
  isEnabled: () => atDoku(world) !== undefined,
  act: () => {
    const payment = atDoku(world)
    if (payment) payment.code = '00'
  },
})

const operations = {
  pay: {
    first: nothing('is asked to pay'),
    work: (_world, { flows }, customer) => flows.payments.pay(customer, { orderId }),
  },
  notify: {
    first: confirms('is notified of the payment'),
    work: (world, { flows }) => flows.notifications.receive(paidNotification(atDoku(world) as DokuPayment)),
  },
  return: {
    first: confirms('gets the browser back'),
    work: (world, { flows }) => {
      const { reference, customerId } = atDoku(world) as DokuPayment
      return flows.payments.returned({ customerId, reference })
    },
  },
  reconcile: {
    first: nothing('begins to reconcile'),
    work: (_world, { flows }) => flows.reconciler.run(),
    laterByMs: minuteMs + 1000,
  },
  refund: {
    first: nothing('is asked to refund'),
    work: (world, { flows }) => flows.refunds.refund(referenceIn(world) ?? '', {}),
  },
  release: {
    first: nothing('is asked to release'),
    work: (world, { flows }) => flows.clearance.release(referenceIn(world) ?? '', { by: 'staff' }),
  },
  bind: {
    first: nothing('is asked to link'),
    work: (_world, { flows }) => flows.bindings.start(alice, { phoneNo: '081200000001' }),
  },
  agree: {
    first: (world) => ({
      label: 'is notified of the link',
      touches: [{ key: 'doku', isWrite: true }],
      isEnabled: () => world.doku.link(alice.id, 'asked') !== undefined,
      act: () => {
        const link = world.doku.link(alice.id, 'asked')
        if (link) link.state = 'agreed'
      },
    }),
    work: (world, { flows }) => {
      const { authCode = '' } = world.doku.link(alice.id, 'agreed') ?? {}
      const body = { additionalInfo: { custIdMerchant: alice.id, authCode, status: 'SUCCESS' } }
      return flows.notifications.receive({ kind: 'binding', body, externalId: undefined, fresh: true })
    },
  },
  unbind: {
    first: nothing('is asked to unlink'),
    work: (_world, { flows }) => flows.bindings.end(alice),
  },
} as const satisfies Record<string, Operation>

type OperationName = keyof typeof operations
const moneyOperations: readonly OperationName[] = ['pay', 'notify', 'return', 'reconcile', 'refund', 'release']

function paidNotification({ reference, amount }: DokuPayment) {
  const body = {
    originalPartnerReferenceNo: reference,
    originalReferenceNo: `D-${reference}`,
    latestTransactionStatus: '00',
    amount,
  }
  return { kind: 'payment', body, externalId: undefined, fresh: true } as const
}

interface Situation {
  /** The operations that matter then, each with each; `needs` must be one of the two. */
  readonly pairs: readonly OperationName[]
  readonly needs?: OperationName
  readonly isUnlinked?: true
  readonly before: (world: World, agent: Agent) => Promise<unknown>
}

/** The process of the set-up does something so many minutes before the schedule begins. */
async function at(minutes: number, agent: Agent, work: () => Promise<unknown>): Promise<void> {
  agent.clock = startsAt - minutes * minuteMs
  await work()
  await agent.flows.outbox.drain()
}

async function payBefore(world: World, agent: Agent, minutes = 40): Promise<DokuPayment> {
  await at(minutes, agent, () => agent.flows.payments.pay(alice, { orderId }))
  return atDoku(world) as DokuPayment
}

async function paidBefore(world: World, agent: Agent): Promise<DokuPayment> {
  const payment = await payBefore(world, agent)
  payment.code = '00'
  await at(30, agent, () => agent.flows.notifications.receive(paidNotification(payment)))
  return payment
}

const situations: Readonly<Record<string, Situation>> = {
  'a new order': {
    pairs: ['pay', 'notify', 'return', 'reconcile', 'bind', 'unbind'],
    needs: 'pay',
    before: async () => {},
  },
  'an open attempt': {
    pairs: ['pay', 'notify', 'return', 'reconcile', 'release', 'refund', 'unbind'],
    before: async (world, agent) => {
      await payBefore(world, agent)
      await at(20, agent, () => agent.flows.reconciler.run())
    },
  },
  'an attempt that DOKU does not know': {
    pairs: ['pay', 'reconcile', 'release'],
    before: async (world, agent) => {
      world.doku.line = 'losesRequests'
      await payBefore(world, agent)
      world.doku.line = 'works'
    },
  },
  'a failed attempt': {
    pairs: ['pay', 'notify', 'return', 'reconcile', 'release'],
    before: async (world, agent) => {
      const payment = await payBefore(world, agent, 90)
      payment.code = '06'
      await at(61, agent, () => agent.flows.reconciler.run())
    },
  },
  'a paid order': {
    pairs: ['pay', 'notify', 'return', 'reconcile', 'refund', 'release', 'unbind'],
    before: paidBefore,
  },
  'a refund in doubt': {
    pairs: ['refund', 'reconcile', 'notify'],
    before: async (world, agent) => {
      const payment = await paidBefore(world, agent)
      world.doku.line = 'losesAnswers'
      await at(20, agent, () => agent.flows.refunds.refund(payment.reference, { amount: '4000.00' }))
      world.doku.line = 'works'
    },
  },
  'no link': {
    pairs: ['bind', 'agree', 'unbind', 'pay', 'reconcile'],
    isUnlinked: true,
    before: async () => {},
  },
  'a link that was asked for': {
    pairs: ['bind', 'agree', 'unbind', 'pay', 'reconcile'],
    isUnlinked: true,
    before: (_world, agent) => at(2, agent, () => agent.flows.bindings.start(alice, { phoneNo: '081200000001' })),
  },
}

/** Two operations, each in a process of its own, and what is there before. */
export interface Scenario {
  readonly pair: readonly [OperationName, OperationName]
  readonly situation: string
}

export function scenarios(isAll: boolean): Scenario[] {
  return Object.entries(situations).flatMap(([situation, { pairs, needs }]) =>
    pairs.flatMap((one, index) =>
      pairs.slice(index).flatMap((other): Scenario[] => {
        const isMoney = [one, other].every((name) => moneyOperations.includes(name)) && !situation.includes('link')
        const isWanted = (isAll || isMoney) && (needs === undefined || one === needs || other === needs)
        return isWanted ? [{ pair: [one, other], situation }] : []
      }),
    ),
  )
}

/** The records, and DOKU, of the situation: the flows themselves make them. */
export async function prepare({ situation }: Scenario): Promise<Snapshot> {
  const world = new World(undefined)
  const { before, isUnlinked } = situations[situation] as Situation
  const agent = world.start('set-up', startsAt - 100 * minuteMs, true)
  const { clock } = agent
  const forever = clock + 1000 * 24 * 60 * minuteMs
  const token = await plainVault.seal(keys.accessToken, 'access')
  await world.disk.insert(keys.accessToken, { token, expiresAt: forever, refreshAt: forever })
  await world.disk.insert(keys.referenceKey, { key: await plainVault.seal(keys.referenceKey, 'a2V5') })
  for (const { id } of isUnlinked ? [] : customers) {
    const authCode = `auth-${id}-0`
    const key = keys.binding(id)
    world.doku.state.links.push({ authCode, customerId: id, state: 'agreed' })
    await world.disk.insert(key, {
      customerId: id,
      status: 'active',
      phoneNo: '',
      maskedPhoneNo: '62***',
      externalId: '1',
      authCode: await plainVault.seal(`${key}#authCode`, authCode),
      customerToken: await plainVault.seal(`${key}#customerToken`, tokenOf(authCode)),
      customerTokenExpiresAt: forever,
      createdAt: clock,
      updatedAt: clock,
    })
    world.oracle.told.push({
      type: 'bindingChanged',
      id,
      customerId: id,
      sequence: 0,
      binding: { status: 'active' },
    } as never)
  }
  await before(world, agent)
  return { contents: world.disk.contents, doku: world.doku.state, told: world.oracle.told }
}

/** A world with the two processes, each about to begin. */
export async function open({ pair }: Scenario, snapshot: Snapshot, mutation?: Mutation): Promise<World> {
  const world = new World(snapshot, mutation)
  for (const [index, name] of pair.entries()) {
    const { first, work, laterByMs = 0 }: Operation = operations[name]
    const agent = world.start(`P${index + 1}`, startsAt + laterByMs)
    const customer = pair[0] === 'pay' && pair[1] === 'pay' && index === 1 ? bob : alice
    world.begin(agent, first(world), () => work(world, agent, customer))
  }
  await world.settle()
  return world
}

/** The processes are gone. Another one reconciles until there is rest, and then the customer goes on. */
export async function finish(world: World): Promise<void> {
  const { oracle } = world
  for (const name of world.stuck()) oracle.violate(`${name} waits for nothing, and has not finished`)
  const agent = world.start('later', startsAt, true)
  const { flows } = agent
  for (const minutes of [2, 18, 34, 50, 66, 26 * 60]) {
    await at(-minutes, agent, () => flows.reconciler.run())
  }
  oracle.checkRest()
  try {
    const { payment } = await flows.payments.pay(alice, { orderId })
    oracle.answered('the customer goes on, and', payment)
  } catch (error) {
    const bound = await flows.bindings
      .start(alice, { phoneNo: '081200000001' })
      .catch((reason) => ({ status: String(reason) }))
    if (bound.status !== 'pending') oracle.violate(`the customer cannot go on: ${error}; ${bound.status}`)
  }
  await flows.outbox.drain()
}
