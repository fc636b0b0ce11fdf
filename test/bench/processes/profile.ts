import { type Profiler, Session } from 'node:inspector'
import type { Figures } from './messages.ts'

/** How often it is looked at what runs, in microseconds. */
const intervalMicros = 250

/** What belongs to which part, by the address of its source; the first that fits. */
const parts: readonly (readonly [part: string, address: RegExp])[] = [
  ['zod', /\/node_modules\/zod\//],
  ['undici', /\/node_modules\/undici\/|^wasm:/],
  ['express-rate-limit', /\/node_modules\/(express-rate-limit|debug|ms|ip-address)\//],
  ['jose', /\/node_modules\/jose\//],
  ['Express', /\/node_modules\//],
  ['express-doku-ovo: routes', /\/dist\/(routes\/|plugin|service)/],
  ['express-doku-ovo: flows', /\/dist\/flows\//],
  ['express-doku-ovo: SNAP', /\/dist\/doku\//],
  ['express-doku-ovo: storage', /\/dist\/storage\//],
  ['express-doku-ovo: the rest', /\/dist\//],
  ['the route itself, or the host', /\.mjs$/],
  ['node:crypto', /^node:internal\/crypto|^node:crypto/],
  ['Node: HTTP, sockets, streams, timers', /^node:/],
]

/** What has no source. */
const natives: Readonly<Record<string, string>> = {
  '(garbage collector)': 'garbage collection',
  '(idle)': 'nothing',
  // The end of the profile itself.
  dispatch: 'nothing',
  writev: 'Node: HTTP, sockets, streams, timers',
  writeUtf8String: 'Node: HTTP, sockets, streams, timers',
  writeLatin1String: 'Node: HTTP, sockets, streams, timers',
}

function partOf({ url, functionName }: Profiler.ProfileNode['callFrame']): string {
  if (url === '') return natives[functionName] ?? 'V8: promises, JSON, texts, native code'
  return parts.find(([, address]) => address.test(url))?.[0] ?? 'the rest'
}

let session: Session | undefined

/** From now on it is noted what runs. That slows everything by about a fifth. */
export function watchProfile(): void {
  session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.setSamplingInterval', { interval: intervalMicros })
  session.post('Profiler.start')
}

/** In microseconds of the main thread, by part; without what it waited, or was looked at. */
export function readProfile(): Figures {
  let profile: Profiler.Profile | undefined
  // The callback is called at once: the session is of this thread.
  session?.post('Profiler.stop', (_error, answer) => {
    profile = answer?.profile
  })
  session?.disconnect()
  if (!profile?.samples || !profile.timeDeltas) throw new Error('there is no profile')
  const partOfNode = new Map(profile.nodes.map(({ id, callFrame }) => [id, partOf(callFrame)]))
  const micros: Record<string, number> = {}
  for (const [index, id] of profile.samples.entries()) {
    const part = partOfNode.get(id) ?? 'the rest'
    micros[part] = (micros[part] ?? 0) + (profile.timeDeltas[index] ?? 0)
  }
  delete micros.nothing
  return micros
}
