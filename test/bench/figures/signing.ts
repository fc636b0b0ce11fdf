import type { Measure } from './figure.ts'

const lifeSeconds = 3
/** From then on a token is replaced. */
const usedPart = 0.8
const seconds = 12

/** Operations with the private key, under load, while access tokens come and go quickly. */
export const measureSigning: Measure = async (stage) => {
  const doku = await stage.startDoku({ BENCH_ACCESS_TOKEN_SECONDS: String(lifeSeconds) })
  const server = await stage.startServer('plugin', { countsSigning: true }, doku)
  const begun = performance.now()
  const count = async () => (await server.ask('signings')).signings ?? Number.NaN
  const before = await count()
  const load = await stage.load([server], { scenario: 'balance', expects: '"cash"', from: 0, seconds })
  const signings = (await count()) - before
  const lives = Math.floor((performance.now() - begun) / 1000 / (lifeSeconds * usedPart)) + 1
  await server.stop()
  await doku.stop()
  return [
    {
      id: 'signing',
      what: 'RSA private operations per token life',
      value: signings / lives,
      unit: '',
      atMost: 1,
      note: `${signings} in ${lives} lives, which ended after ${lifeSeconds} s each, during ${load.requests} requests`,
    },
  ]
}
