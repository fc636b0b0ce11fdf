import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { expect } from 'chai'
import { startShop } from '../../support/shop.ts'
import { freePort } from './host.ts'
import { workFolder } from './installed.ts'
import { Cli, runCli } from './run-cli.ts'

describe('simulator', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`serves until ${signal}, and keeps its credentials in a file for its owner only`, async () => {
      const folder = workFolder()
      const cli = new Cli(['simulator', '--port', '0'], { folder })
      const [, url = ''] = await cli.printed(/The simulator plays DOKU at (\S+);/)
      await cli.printed(/OVO accounts:/)
      expect((await fetch(url)).status).to.equal(404)
      const file = join(folder, '.env.simulator')
      expect(statSync(file).mode & 0o777).to.equal(0o600)
      const values = parseEnv(readFileSync(file, 'utf8'))
      expect(values).to.include({ DOKU_ENVIRONMENT: url, OVO_PUBLIC_URL: 'http://127.0.0.1:3000/ovo' })
      cli.kill(signal)
      const { code, out } = await cli.ended()
      expect(code).to.equal(0)
      expect(out).to.contain('stopped')
      for (const name of ['DOKU_SECRET_KEY', 'DOKU_PRIVATE_KEY']) expect(out).not.to.contain(values[name])
      await fetch(url).then(
        () => expect.fail('it still serves'),
        () => undefined,
      )
    })
  }

  it('takes the credentials of the file the next time, and a doctor finds nothing wrong with them', async () => {
    const folder = workFolder()
    const port = String(await freePort())
    const args = ['simulator', '--port', port, '--shop', 'http://127.0.0.1:1/ovo']
    const first = new Cli(args, { folder })
    await first.printed(/OVO accounts:/)
    first.kill('SIGINT')
    await first.ended()
    const before = readFileSync(join(folder, '.env.simulator'), 'utf8')
    const second = new Cli(['simulator'], { folder })
    await second.printed(new RegExp(`The simulator plays DOKU at http://127.0.0.1:${port};`))
    await second.printed(/The simulator notifies http:\/\/127.0.0.1:1\/ovo\/webhooks\/notification/)
    expect(readFileSync(join(folder, '.env.simulator'), 'utf8')).to.equal(before)
    const { out } = await runCli(['doctor', '--env', '.env.simulator', '--json'], { folder })
    const found = JSON.parse(out).findings.map(({ check, status }: { check: string; status: string }) => [
      check,
      status,
    ])
    expect(found).to.deep.include.members([
      ['options', 'ok'],
      ['token', 'ok'],
      ['clock', 'ok'],
      ['router', 'failed'],
    ])
    await second.printed(/access-token: 2007300 accepted/)
    second.kill('SIGINT')
    expect((await second.ended()).code).to.equal(0)
  })

  it('says which port is taken, and what is wrong with a file', async () => {
    const shop = await startShop()
    try {
      const { port } = new URL(shop.url)
      const { code, err } = await runCli(['simulator', '--port', port])
      expect(code).to.equal(2)
      expect(err).to.contain(`port ${port} cannot be used (EADDRINUSE)`)
    } finally {
      await shop.close()
    }
    const folder = workFolder()
    writeFileSync(join(folder, 'my.env'), 'DOKU_CLIENT_ID=x')
    const { code, err } = await runCli(['simulator', '--file', 'my.env'], { folder })
    expect(code).to.equal(2)
    expect(err).to.contain('my.env is not a file of the simulator: DOKU_SECRET_KEY')
  })
})
