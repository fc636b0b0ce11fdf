import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Debian's, or the one that the environment names. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Whether there is a browser. On a build server there has to be one: a suite that is skipped there proves nothing. */
export function hasChromium(): boolean {
  if (existsSync(executablePath)) return true
  if (process.env.CI) throw new Error(`no Chromium at ${executablePath}; set CHROMIUM`)
  return false
}

/** Nothing of its own goes over the network. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** With a new profile of its own, which goes when it is closed. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: flags })
}
