import { once } from 'node:events'
import { statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { readPage, root, section, snippets } from '../../support/docs/markdown.ts'
import { clientId, dokuKeys, merchantKeys, secretKey } from '../../support/keys.ts'
import { type Running, run } from './run.ts'

const codeIn = (title: string, language: string) => {
  const text = section(readPage('README.md'), title)
  return snippets('README.md').find((one) => one.language === language && text.includes(one.code))?.code ?? ''
}

async function freePort(): Promise<number> {
  const server: Server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

describe('the README', () => {
  it('is short: 12 KB', () => {
    expect(statSync(join(root, 'README.md')).size).to.be.at.most(12_288)
  })

  it('mounts the router in at most twelve lines, which run', async () => {
    const snippet = codeIn('Mount it', 'ts')
    expect(snippet.split('\n').filter((line) => line.trim() !== '')).to.have.length.within(5, 12)
    const running = run(
      `const orders: any = { find: () => undefined, update() {} }
      ${snippet}
      const server = app.listen(0, '127.0.0.1', async () => {
        const { status } = await fetch(\`http://127.0.0.1:\${(server.address() as any).port}/ovo/health\`)
        await ovo.close()
        server.closeAllConnections()
        server.close(() => process.exit(status === 200 ? 0 : 1))
      })`,
      {
        DOKU_CLIENT_ID: clientId,
        DOKU_SECRET_KEY: secretKey,
        DOKU_PRIVATE_KEY: merchantKeys.privateKey.replaceAll('\n', '\\n'),
        DOKU_PUBLIC_KEY: dokuKeys.publicKey.replaceAll('\n', '\\n'),
      },
    )
    expect(await running.exitCode()).to.equal(0)
  })
})

/** What a browser does with the page, its two buttons and OVO's pages. */
describe('the README’s shop', () => {
  let shop: string
  let running: Running
  beforeEach(async () => {
    const port = await freePort()
    shop = `http://127.0.0.1:${port}`
    const code = codeIn('From an empty folder to a paid order', 'js')
    expect(code).to.contain('127.0.0.1:3000').and.to.contain('listen(3000')
    running = run(code.replaceAll('3000', String(port)))
    await running.says(/http:\/\/127\.0\.0\.1:\d+/)
  })
  afterEach(() => running.stop())

  /** Presses the button that calls that path: with the body that is in the page. */
  async function press(path: string): Promise<Record<string, string>> {
    const page = await (await fetch(shop)).text()
    const fields = new RegExp(`go\\('${path}', (\\{[^}]+\\})\\)`).exec(page)?.[1] ?? ''
    const body = fields.replace(/(\w+): '([^']*)'/g, '"$1": "$2"')
    const headers = { 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'same-origin' }
    const answer = await fetch(`${shop}${path}`, { method: 'POST', headers, body })
    return (await answer.json()) as Record<string, string>
  }

  /** Fills in one of OVO's forms; follows where it leads. */
  const fillIn = (url: string, fields: Record<string, string>) =>
    fetch(url, { method: 'POST', body: new URLSearchParams({ ...fields, action: 'confirm' }) })

  it('links OVO, pays the order, is told so, and has the customer back', async () => {
    const { redirectUrl = '' } = await press('/ovo/bindings')
    await fillIn(redirectUrl, { otp: '111111' })
    const linked = await fillIn(redirectUrl, { pin: '111111' })
    expect(linked.url).to.equal(`${shop}/?purpose=binding&status=active`)
    const { webRedirectUrl = '' } = await press('/ovo/payments')
    const paid = await fillIn(webRedirectUrl, { pin: '111111' })
    expect(paid.url).to.match(/\/\?purpose=payment&status=paid&partnerReferenceNo=\w+$/)
    await running.says(/order-1 is paid/)
    expect(await press('/ovo/payments')).to.include({ orderId: 'order-1', status: 'paid' })
  })
})
