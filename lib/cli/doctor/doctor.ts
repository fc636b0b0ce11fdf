import { ConfigurationError } from '../../errors.ts'
import type { Settings } from '../../options/options.ts'
import {
  type Command,
  type ExitCode,
  type Finding,
  type Flags,
  hasFailed,
  type Io,
  showFindings,
  textOf,
} from '../command.ts'
import { type Given, givenFlags, readGiven, settingsOf, variablesHelp } from '../given.ts'
import { readText } from '../io.ts'
import { checkDoku } from './doku.ts'
import { checkKeys } from './keys.ts'
import { checkPublicUrl } from './public-url.ts'
import { checkStorage } from './storage.ts'
import { checkWebhooks } from './webhooks.ts'

export const doctor: Command = {
  name: 'doctor',
  summary: 'checks options, keys, clock, DOKU’s token, storage and webhooks, and says how to fix each problem',
  flags: {
    'public-key': {
      value: '<file>',
      says: 'the Merchant Public Key as you uploaded it; it must belong to the private key',
    },
    json: { says: 'prints one JSON object' },
    ...givenFlags,
  },
  details: `The command fetches one access token from DOKU. It writes a few records to the storage, and removes them. It calls the app at
publicUrl with requests that the app must refuse: they change nothing, but the app calls its hook notificationRejected. All
calls come from this machine. Only a real notification shows that DOKU reaches the app from outside. Exit code 1: at least
one check failed.
${variablesHelp}`,
  run: examine,
}

async function examine(io: Io, flags: Flags): Promise<ExitCode> {
  const given = await readGiven(io, flags)
  const uploaded = textOf(flags, 'public-key')
  const findings = await examineOptions(given, uploaded === undefined ? undefined : readText(io, uploaded))
  const failed = findings.filter(({ status }) => status === 'failed').length
  if (flags.has('json')) io.out(JSON.stringify({ ok: failed === 0, findings }))
  else io.out(`${showFindings(findings)}\n\n${failed === 0 ? 'No check failed.' : `${failed} failed.`}`)
  return hasFailed(findings) ? 1 : 0
}

async function examineOptions(given: Given, uploadedKey: string | undefined): Promise<Finding[]> {
  let settings: Settings
  try {
    settings = settingsOf(given)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const problems = error.problems.map(
      (says): Finding => ({ check: 'options', status: 'failed', says, fix: 'fix this, and run the command again' }),
    )
    return [
      ...problems,
      { check: 'the rest', status: 'skipped', says: 'nothing else can be checked with these options' },
    ]
  }
  try {
    return [
      {
        check: 'options',
        status: 'ok',
        says: `${settings.environment}, api ${settings.api}, publicUrl ${settings.publicUrl}`,
      },
      ...checkKeys(settings, uploadedKey),
      ...(await checkDoku(settings)),
      ...(await checkStorage(settings, given.isModule)),
      ...checkPublicUrl(settings),
      ...(await checkWebhooks(settings)),
    ]
  } finally {
    await settings.storage.close?.()
  }
}
