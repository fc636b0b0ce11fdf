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
import { Person, type Plan, Walker } from './walker.ts'

const usualReport = 'doku-probe.md'

export const probe: Command = {
  name: 'probe',
  summary: 'walks through what DOKU’s pages leave open, against the sandbox, and says which options to set',
  flags: {
    phone: { value: '<phoneNo>', says: 'the OVO account of the person at the browser: 62…' },
    amount: { value: '<amount>', says: 'what is paid; default: 10000.00' },
    listen: { value: '<port>', says: 'on 127.0.0.1: where what comes to publicUrl has to end up; default: 3000' },
    wait: { value: '<seconds>', says: 'how long each notification is waited for; default: 60' },
    report: { value: '<file>', says: `where the report goes; default: ${usualReport}` },
    ...givenFlags,
  },
  details: `For the sandbox, or a simulator, with a person who opens two pages of OVO. The probe takes the app's place: stop the app, and
let publicUrl lead to --listen; the Token URL and Notification URL in DOKU's dashboard stay as they are. It links the account,
pays once, gives 1 rupiah back where the api has refunds, and unlinks. The report is Markdown without secrets, to keep.
Exit code 1: it did not get to the end; the report says where. What DOKU does otherwise than assumed is no failure.
${variablesHelp}`,
  run: walk,
}

async function walk(io: Io, flags: Flags): Promise<ExitCode> {
  const plan = planOf(flags)
  const file = reportFileOf(io, flags)
  const port = numberOf(flags, 'listen', 3000, [1, 65_535])
  const settings = settingsOf(await readGiven(io, flags))
  if (settings.environment === 'production')
    throw new UsageError('the probe is for the sandbox: in production it would take somebody’s money')
  const calls = new DokuCalls(settings)
  const stop = io.untilStopped()
  const mailbox = new Mailbox(settings, stop)
  const person = new Person(io, stop)
  try {
    await mailbox.open(port)
    const { answered, endedEarly } = await new Walker(settings, calls, mailbox, person, plan).walk()
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
  if (!/^62\d{7,14}$/.test(phoneNo)) throw new UsageError('--phone has to be like 6281234567890')
  const amount = textOf(flags, 'amount') ?? '10000.00'
  if (parseAmountValue(amount) === undefined)
    throw new UsageError('--amount has to be rupiah with two decimals, like 10000.00')
  return { phoneNo, amount, waitMs: numberOf(flags, 'wait', 60, [0, 3600]) * 1000 }
}

function reportFileOf(io: Io, flags: Flags): string {
  const file = textOf(flags, 'report') ?? usualReport
  if (existsSync(resolve(io.folder, file)))
    throw new UsageError(`${file} is there already and is not overwritten; choose another: --report`)
  return file
}

/** A person has sat here for it: when it cannot be written, it is at least shown. */
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
  const ended = endedEarly === undefined ? '' : `\nIt did not get to the end: ${endedEarly}`
  return `
${count('as assumed')} as assumed, ${count('otherwise')} otherwise, ${count('open')} not seen.${ended}
To set: ${sets.length === 0 ? 'nothing' : `\n${sets.map((line) => `  ${line}`).join('\n')}`}
The report is in ${file}.`
}
