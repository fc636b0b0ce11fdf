import { parseArgs } from 'node:util'
import { ConfigurationError } from 'express-doku-ovo'
import { DemoError } from './demo-error.ts'
import { loadEnvironment, readEnvironment, type Wanted } from './environment.ts'
import { Journal } from './journal.ts'
import { createLogger, describeEvent, type Print } from './print.ts'
import { report } from './report.ts'
import { runScript } from './script.ts'
import { type Demo, startDemo } from './start.ts'
import { Deviation } from './walk.ts'

const usage = `npm run demo              a small shop and a simulator that plays DOKU, on this machine
npm run demo -- --script  runs all steps without a browser, and prints every signed call
           -- --keep [FOLDER]  keeps its state in the folder (default: .demo), so that it survives a restart
           -- --env FILE  reads variables from FILE instead of .env (see demo/.env.example)`

const defaultFolder = '.demo'

const print: Print = (text) => void process.stdout.write(`${text}\n`)

async function main(): Promise<void> {
  const options = {
    script: { type: 'boolean' },
    keep: { type: 'boolean' },
    env: { type: 'string' },
    help: { type: 'boolean' },
  } as const
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  if (values.help) return print(usage)
  const folder = values.keep ? (positionals[0] ?? defaultFolder) : undefined
  const wanted = readEnvironment(loadEnvironment(values.env), folder)
  await (values.script ? walkThrough(wanted) : serve(wanted))
}

/** Uses any free port, because no person opens the shop. */
async function walkThrough(wanted: Wanted): Promise<void> {
  const journal = new Journal()
  const demo = await startDemo({ ...wanted, port: 0 }, { logger: createLogger(print), told: journal.add })
  const stopReport = report(print, 'full')
  try {
    await runScript(demo, journal, print)
    print('\nAll steps passed.')
  } finally {
    stopReport()
    await demo.close()
  }
}

async function serve(wanted: Wanted): Promise<void> {
  const stopped = untilStopped()
  const told = (event: Parameters<typeof describeEvent>[0]) => print(`  ${describeEvent(event)}`)
  const demo = await startDemo(wanted, { logger: createLogger(print), told })
  report(print, 'short')
  print(announcement(demo, wanted))
  await stopped
  await demo.close()
  print('Stopped.')
}

/** npm and the terminal both pass Ctrl-C on, so it can come twice at once. A second Ctrl-C after 1 s ends the process. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let firstAt: number | undefined
    const stop = () => {
      if (firstAt !== undefined && Date.now() - firstAt > 1000) process.exit(130)
      firstAt ??= Date.now()
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
  })
}

function announcement(demo: Demo, wanted: Wanted): string {
  const moved = demo.port !== wanted.port && wanted.port !== 0
  return [
    ...(moved ? [`Port ${wanted.port} is taken; using ${demo.port}.`] : []),
    `The shop is at ${demo.url}`,
    ...(demo.simulator ? simulatorLines(demo) : sandboxLines(demo)),
    demo.keeping,
    'Ctrl-C stops it.\n',
  ].join('\n')
}

function simulatorLines({ simulator, hints, url }: Demo): string[] {
  const people = Object.entries(hints).map(
    ([id, { phoneNo, otp, pin }]) => `  ${id.padEnd(6)} phone ${phoneNo}  OTP ${otp}  PIN ${pin}`,
  )
  return [
    `The simulator at ${simulator?.url} plays DOKU and OVO: no credentials, no internet, no real money.`,
    'Sign in as Alice or Bob, fill the basket, link OVO with the OTP and the PIN, and pay with the PIN.',
    ...people,
    `Ratna runs the shop: she sees payments and refunds them. Watch everything at ${url}/backstage`,
    `The counters for Prometheus are at ${url}/metrics`,
  ]
}

function sandboxLines({ url, port }: Demo): string[] {
  return [
    `The demo uses DOKU's sandbox. Your tunnel must lead to http://127.0.0.1:${port}.`,
    'In the DOKU dashboard, set',
    `  token URL         ${url}/ovo/webhooks/token`,
    `  notification URL  ${url}/ovo/webhooks/notification`,
  ]
}

/** An error that a person can fix is one sentence. Any other error is a bug, and shows its stack. */
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const isPlain = [DemoError, ConfigurationError, Deviation].some((known) => error instanceof known)
  const isUsage = 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  if (isUsage) return `${error.message}\n\n${usage}`
  return isPlain ? error.message : (error.stack ?? error.message)
}

main().catch((error: unknown) => {
  process.stderr.write(`${describeFailure(error)}\n`)
  process.exitCode = 1
})
