#!/usr/bin/env node
import { run } from './run.ts'

function untilStopped(): AbortSignal {
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
  return stopping.signal
}

// The reader of a pipe, for example `head`, has read enough. Stop without an error.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 2))

const code = await run(
  {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    stdin: process.stdin,
    environment: process.env,
    folder: process.cwd(),
    untilStopped,
  },
  process.argv.slice(2),
)
// A module of --options may leave connections open, so the process must exit itself. First wait until all output is written.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))))
process.exit(code)
