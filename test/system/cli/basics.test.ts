import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { commands } from '../../../lib/cli/run.ts'
import { signAsymmetric } from '../../../lib/doku/signature.ts'
import { merchantKeys } from '../../support/keys.ts'
import { workFolder } from './installed.ts'
import { runCli } from './run-cli.ts'

describe('express-doku-ovo, the command line', () => {
  it('says what there is, on standard error and with 2 when nothing was asked for', async () => {
    const { code, out, err } = await runCli([])
    expect([code, out]).to.deep.equal([2, ''])
    for (const { name } of commands) expect(err).to.match(new RegExp(`^ {2}${name} `, 'm'))
  })

  it('says the same on standard output to help, --help and -h', async () => {
    const said = await Promise.all(['help', '--help', '-h'].map((word) => runCli([word])))
    expect(new Set(said.map(({ out }) => out)).size).to.equal(1)
    expect(said.map(({ code }) => code)).to.deep.equal([0, 0, 0])
    expect(said[0]?.out).to.contain('Exit codes')
  })

  for (const { name, flags } of commands) {
    it(`explains ${name} and each of its options`, async () => {
      const [one, other] = await Promise.all([runCli(['help', name]), runCli([name, '--help'])])
      expect(one.out).to.equal(other.out)
      expect(one.code).to.equal(0)
      for (const flag of Object.keys(flags)) expect(one.out).to.contain(`--${flag}`)
    })
  }

  it('knows its version', async () => {
    const { version } = JSON.parse(
      readFileSync(fileURLToPath(new URL('../../../package.json', import.meta.url)), 'utf8'),
    )
    expect(await runCli(['--version'])).to.deep.equal({ code: 0, out: `${version}\n`, err: '' })
  })

  it('suggests the nearest command and the nearest option', async () => {
    const command = await runCli(['doktor'])
    expect(command).to.include({ code: 2, out: '' })
    expect(command.err).to.contain('did you mean doctor?')
    const option = await runCli(['doctor', '--option', 'x'])
    expect(option.code).to.equal(2)
    expect(option.err).to.contain('did you mean --options?')
  })

  it('takes no secret from the command line, and does not repeat it', async () => {
    for (const flag of ['--secret-key=hunter2-hunter2', '--private-key', '--access-token', '--auth-code']) {
      const { code, out, err } = await runCli(['sign', flag, 'hunter2-hunter2'])
      expect(code, flag).to.equal(2)
      expect(err, flag).to.contain('give secrets in the environment')
      expect(out + err).not.to.contain('hunter2')
    }
    const { err } = await runCli(['doctor', 'hunter2-hunter2'])
    expect(err).to.contain('an extra argument').and.not.to.contain('hunter2')
  })

  for (const [args, says] of [
    [['sign', '--path'], '--path needs a value'],
    [['sign', '--path='], '--path needs a value'],
    [['sign', '--path', '/a', '--path', '/b'], '--path is given twice'],
    [['doctor', '--json=yes'], '--json takes no value'],
    [['doctor', '-j'], 'there is no option -j'],
    [['doctor', '--options', 'absent.mjs'], 'absent.mjs cannot be loaded'],
    [['doctor', '--env', 'absent.env'], 'absent.env cannot be read: ENOENT'],
    [['simulator', '--port', '70000'], '--port must be a whole number from 0 to 65535'],
  ] as const) {
    it(`refuses ${args.join(' ')}`, async () => {
      const { code, err } = await runCli(args)
      expect(code).to.equal(2)
      expect(err).to.contain(says)
    })
  }

  it('explains a module that exports no options', async () => {
    const folder = workFolder()
    writeFileSync(join(folder, 'ovo.mjs'), 'export const optoins = {}')
    const { code, err } = await runCli(['doctor', '--options', './ovo.mjs'], { folder })
    expect(code).to.equal(2)
    expect(err).to.contain('./ovo.mjs must export options')
  })
})

describe('keygen', () => {
  it('writes a pair of which the private half is for its owner only', async () => {
    const folder = workFolder()
    const { code, out } = await runCli(['keygen', '--bits', '3072'], { folder })
    expect(code).to.equal(0)
    expect(statSync(join(folder, 'doku-private.pem')).mode & 0o777).to.equal(0o600)
    const privateKey = createPrivateKey(readFileSync(join(folder, 'doku-private.pem')))
    const publicKey = createPublicKey(readFileSync(join(folder, 'doku-public.pem')))
    expect(createPublicKey(privateKey).equals(publicKey)).to.equal(true)
    expect(privateKey.asymmetricKeyDetails?.modulusLength).to.equal(3072)
    for (const field of [
      'Merchant Public Key',
      'DOKU Public Key',
      'Client ID',
      'Secret Key',
      'Token URL',
      'Notification URL',
    ]) {
      expect(out).to.contain(field)
    }
    expect(out).not.to.contain('PRIVATE KEY-----')
  })

  for (const name of ['doku-private.pem', 'doku-public.pem']) {
    it(`does not write over a ${name} that is there, and leaves no half of a pair`, async () => {
      const folder = workFolder()
      writeFileSync(join(folder, name), 'precious')
      const { code, err } = await runCli(['keygen'], { folder })
      expect(code).to.equal(2)
      expect(err).to.contain(`${name} exists and is not overwritten`)
      expect(readFileSync(join(folder, name), 'utf8')).to.equal('precious')
      const other = name === 'doku-private.pem' ? 'doku-public.pem' : 'doku-private.pem'
      expect(() => statSync(join(folder, other))).to.throw('ENOENT')
    })
  }

  it('does not write through a link that leads nowhere yet', async () => {
    const folder = workFolder()
    const elsewhere = join(workFolder(), 'elsewhere.pem')
    symlinkSync(elsewhere, join(folder, 'doku-private.pem'))
    const { code, err } = await runCli(['keygen'], { folder })
    expect(code).to.equal(2)
    expect(err).to.contain('doku-private.pem cannot be written: EEXIST')
    expect(() => statSync(elsewhere)).to.throw('ENOENT')
  })

  it('encrypts the private key when there is a passphrase', async () => {
    const folder = workFolder()
    const environment = { DOKU_PRIVATE_KEY_PASSPHRASE: 'open sesame' }
    const { out } = await runCli(['keygen', '--out', '.'], { folder, environment })
    expect(out).to.contain('encrypted').and.not.to.contain('sesame')
    const pem = readFileSync(join(folder, 'doku-private.pem'), 'utf8')
    expect(pem).to.contain('BEGIN ENCRYPTED PRIVATE KEY')
    expect(createPrivateKey({ key: pem, passphrase: 'open sesame' }).asymmetricKeyType).to.equal('rsa')
  })
})

describe('sign', () => {
  const environment = { DOKU_SECRET_KEY: 'SK-test-0123456789', DOKU_ACCESS_TOKEN: 'test.b2b.token' }
  const timestamp = '2024-11-05T03:04:05Z'

  it('makes the signature of a GET with a query that was computed beforehand', async () => {
    const path = '/orders/v1.0/debit/status?x=1&y=a%20b'
    const { code, out } = await runCli(
      ['sign', '--method', 'get', '--path', path, '--timestamp', timestamp, '--json'],
      { environment },
    )
    expect(code).to.equal(0)
    expect(JSON.parse(out)).to.include({
      bodySha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      signature: 'DvQLDsg0m2ughAAZ67e5om9uj53XkUKS/WizqFQ7ZqCzCVprMipJmax6zBxPpB9tTHYZkE1xopwM2yiRGyUCfQ==',
    })
  })

  it('minifies what is on standard input, says so, and shows neither secret nor token', async () => {
    const body =
      '{ "originalPartnerReferenceNo": "INV-0008",\n  "latestTransactionStatus": "00", "amount": {"value":"99000.00","currency":"IDR"}}\n'
    const args = ['sign', '--path', '/webhook/doku/v1.0/debit/notify', '--timestamp', timestamp, '--body', '-']
    const { code, out } = await runCli(args, { environment, input: body })
    expect(code).to.equal(0)
    expect(out).to.contain('3d9ad556086d44381207cd7c8aad39c988f6b31a2c3a39b9f6a4aa17d5d5d189')
    expect(out).to.contain('tK7ZpMqgjQILWxD66GTzCzDAoMt2QFHNiJGvmA8ZeaKA4I9vHdqohB7bl5LXqpVA6md89WisSSlEH6vJZfEEXg==')
    expect(out).to.contain('bytes of whitespace less')
    expect(out).not.to.contain('SK-test').and.not.to.contain('test.b2b.token')
  })

  it('signs a token request with the private key', async () => {
    const args = ['sign', '--asymmetric', '--timestamp', timestamp, '--json']
    const { out } = await runCli(args, {
      environment: { DOKU_CLIENT_ID: 'BRN-1', DOKU_PRIVATE_KEY: merchantKeys.privateKey },
    })
    const expected = signAsymmetric(`BRN-1|${timestamp}`, createPrivateKey(merchantKeys.privateKey))
    expect(JSON.parse(out)).to.deep.include({ stringToSign: `BRN-1|${timestamp}`, signature: expected })
  })

  it('names the variable that is missing, and what is wrong with a key', async () => {
    expect((await runCli(['sign', '--path', '/a'])).err).to.contain('DOKU_SECRET_KEY in the environment')
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const wrong = await runCli(['sign', '--asymmetric'], {
      environment: { DOKU_CLIENT_ID: 'BRN-1', DOKU_PRIVATE_KEY: pem },
    })
    expect(wrong).to.include({ code: 2 })
    expect(wrong.err).to.contain('privateKey: this is a PUBLIC key; the private key is needed')
  })

  it('has only one way to sign a token request', async () => {
    const { code, err } = await runCli(['sign', '--asymmetric', '--path', '/a'], { environment })
    expect(code).to.equal(2)
    expect(err).to.contain('--asymmetric signs no path')
  })
})
