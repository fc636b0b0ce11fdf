// Installs the tarball, makes a client of it as docs/openapi.md says, compiles it, and pays an order with it.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { alicesPhone, bind, startShop } from '../support/shop.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const consumer = mkdtempSync(join(tmpdir(), 'express-doku-ovo-client-'))
const page = readFileSync(join(root, 'docs/openapi.md'), 'utf8')

const run = (command: string, args: string[], cwd = consumer) =>
  execFileSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })

function snippet(language: string): string {
  const [, code] = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page) ?? []
  if (!code) throw new Error(`docs/openapi.md has no ${language}`)
  return code
}

/** What the page says must not compile. */
const misuse = `import createClient from 'openapi-fetch'
import type { paths } from './ovo.js'
const ovo = createClient<paths>()
// @ts-expect-error: a misspelt field
ovo.POST('/payments', { body: { orderID: 'order-1' } })
const { data, error } = await ovo.POST('/payments', { body: { orderId: 'order-1' } })
// @ts-expect-error: a status that there is not
if (data?.status === 'payed') throw new Error()
// @ts-expect-error: a code that the route never answers
if (error?.code === 'ALREADY_BOUND') throw new Error()
`

interface Client {
  pay(orderId: string): Promise<void>
}

async function payAsAlice(): Promise<string> {
  const shop = await startShop({ mount: '/ovo', options: { identify: () => ({ id: 'alice' }) } })
  try {
    await bind(shop, 'alice', alicesPhone)
    const visited: string[] = []
    const location = { origin: new URL(shop.url).origin, assign: (url: string) => void visited.push(url) }
    Object.assign(globalThis, { location })
    const { pay } = (await import(pathToFileURL(join(consumer, 'pay.js')).href)) as Client
    await pay('order-1')
    return visited.join()
  } finally {
    await shop.close()
  }
}

try {
  run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', consumer], root)
  const tarball = readdirSync(consumer).find((name) => name.endsWith('.tgz')) ?? ''
  writeFileSync(join(consumer, 'package.json'), '{ "private": true, "type": "module" }')
  run('npm', ['install', '--no-audit', '--no-fund', '--silent', `./${tarball}`, 'express@5'])
  run('sh', ['-ec', snippet('sh').replaceAll('npm install', 'npm install --no-audit --no-fund --silent')])
  writeFileSync(join(consumer, 'pay.ts'), snippet('ts client'))
  writeFileSync(join(consumer, 'misuse.ts'), misuse)
  const settings = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2023,dom']
  run('npx', ['tsc', ...settings, 'pay.ts', 'misuse.ts'])
  const page = await payAsAlice()
  if (!page.includes('/direct-debit/ui/payment/')) throw new Error(`the customer was sent to ${page}`)
  console.log(`the client of docs/openapi.md compiles, and sends the customer to ${page}`)
} finally {
  rmSync(consumer, { recursive: true, force: true })
}
