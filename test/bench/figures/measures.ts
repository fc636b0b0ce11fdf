import { measureCommits, measureRoundTrips } from './database-work.ts'
import { measureEventLoop } from './event-loop.ts'
import type { Measure } from './figure.ts'
import { measureImport } from './import-time.ts'
import { measureInstall } from './install.ts'
import { measureLatency } from './latency.ts'
import { measureProfile } from './profile.ts'
import { measureSigning } from './signing.ts'
import { measureSoak } from './soak.ts'

/** What is measured besides the rows, by the name that `--only` takes. */
export const measures: Readonly<Record<string, Measure>> = {
  import: measureImport,
  install: measureInstall,
  latency: measureLatency,
  commits: measureCommits,
  'round-trips': measureRoundTrips,
  signing: measureSigning,
  'event-loop': measureEventLoop,
  profile: measureProfile,
  soak: measureSoak,
}
