import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseAmountValue } from '../../primitives/money.ts'
import {
  type Command,
  type ExitCode,
  type Flags,
  type Io,
  numberOf,
  requiredText,
  textOf,
  UsageError,
} from '../command.ts'
import { givenFlags, readGiven, settingsOf, variablesHelp } from '../given.ts'
import { version, writeNew } from '../io.ts'
import { DokuCalls } from './doku-calls.ts'
import { Mailbox } from './mailbox.ts'
import type { Answered } from './question.ts'
import { report, whatToSet } from './report.ts'
import { Person, type Plan, Walkthrough } from './walkthrough.ts'

const usualReport = 'doku-probe.md'

export const probe: Command = {
  name: 'probe',
  summary: 'tests the points that DOKU’s pages leave open, against the sandbox, and says which options to set',
  flags: {
    phone: { value: '<phoneNo>', says: 'the OVO account of the person at the browser, beginning with 62' },
    amount: { value: '<amount>', says: 'the amount to pay; default: 10000.00' },
    listen: { value: '<port>', says: 'the port on 127.0.0.1 to which publicUrl must lead; default: 3000' },
    wait: { value: '<seconds>', says: 'how long to wait for each notification; default: 60' },
    report: { value: '<file>', says: `the file of the report; default: ${usualReport}` },
    ...givenFlags,
  },
  details: `For the sandbox or a simulator, with a person who opens two pages of OVO. The probe takes the app's place: stop the app, and
make publicUrl lead to --listen. The Token URL and Notification URL in DOKU's dashboard stay the same. The probe links the
account, pays once, refunds 1 rupiah if the api has refunds, and unlinks. The report is Markdown without secrets.
Exit code 1: the probe ended early; the report says where. Different behaviour of DOKU is not a failure.
${variablesHelp}`,
  run: walk,
}

async function walk(io: Io, flags: Flags): Promise<ExitCode> {
  const plan = planOf(flags)
  const file = reportFileOf(io, flags)
  const port = numberOf(flags, 'listen', 3000, [1, 65_535])
  const settings = settingsOf(await readGiven(io, flags))
  if (settings.environment === 'production')
    throw new UsageError('the probe is for the sandbox only: in production it would take real money')
  const calls = new DokuCalls(settings)
  const stop = io.untilStopped()
  const mailbox = new Mailbox(settings, stop)
  const person = new Person(io, stop)
  try {
    await mailbox.open(port)
    const { answered, endedEarly } = await new Walkthrough(settings, calls, mailbox, person, plan).run()
    const at = new Date(settings.clock()).toISOString()
    const text = report({ settings, at, version: version(), answered, log: calls.log, endedEarly })
    keep(io, file, text)
    io.out(summary(answered, file, endedEarly))
    return endedEarly === undefined ? 0 : 1
  } finally {
    person.leave()
    await Promise.all([calls.close(), mailbox.close(), settings.storage.close?.()])
  }
}

function planOf(flags: Flags): Plan {
  const phoneNo = requiredText(flags, 'phone', '<phoneNo>')
  if (!/^62\d{7,14}$/.test(phoneNo)) throw new UsageError('--phone must be like 6281234567890')
  const amount = textOf(flags, 'amount') ?? '10000.00'
  if (parseAmountValue(amount) === undefined)
    throw new UsageError('--amount must be rupiah with two decimals, like 10000.00')
  return { phoneNo, amount, waitMs: numberOf(flags, 'wait', 60, [0, 3600]) * 1000 }
}

function reportFileOf(io: Io, flags: Flags): string {
  const file = textOf(flags, 'report') ?? usualReport
  if (existsSync(resolve(io.folder, file)))
    throw new UsageError(`${file} exists and is not overwritten; choose another with --report`)
  return file
}

/** If the report cannot be written, it is printed, so that the person's work is not lost. */
function keep(io: Io, file: string, text: string): void {
  try {
    writeNew(io, file, text)
  } catch (error) {
    io.out(text)
    throw error
  }
}

function summary(answered: readonly Answered[], file: string, endedEarly: string | undefined): string {
  const count = (verdict: Answered['verdict']) => answered.filter((one) => one.verdict === verdict).length
  const sets = whatToSet(answered)
  const ended = endedEarly === undefined ? '' : `\nThe probe ended early: ${endedEarly}`
  return `
${count('as assumed')} as assumed, ${count('different')} different, ${count('open')} not seen.${ended}
To set: ${sets.length === 0 ? 'nothing' : `\n${sets.map((line) => `  ${line}`).join('\n')}`}
The report is in ${file}.`
}
