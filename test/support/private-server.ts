import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** A server that the test starts for itself, on a port of 127.0.0.1, to pause and kill as it likes. */
export interface PrivateServer {
  readonly port: number
  readonly url: string
  /** SIGSTOP for it and its children: connections stay open, and nothing answers. */
  pause(): void
  resume(): void
  /** SIGKILL for it and its children. */
  kill(): Promise<void>
  /** Starts it again, on the same port and the same data. */
  restart(): Promise<void>
  /** Kills it for good and removes its folder. */
  stop(): Promise<void>
}

export interface ServerRecipe {
  readonly port: number
  readonly url: string
  readonly command: string
  readonly args: readonly string[]
  readonly folder: string
  /** Whom it runs as, when the test runs as root. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  isReady(): Promise<boolean>
}

export async function startServer(recipe: ServerRecipe): Promise<PrivateServer> {
  let child: ChildProcess
  const launch = async () => {
    for (let tries = 1; ; tries++) {
      child = spawn(recipe.command, [...recipe.args], { stdio: 'ignore', cwd: recipe.folder, ...recipe.user })
      if (await comesUp(recipe, child)) return
      if (tries === launchesAtMost) throw new Error(`${recipe.command} ended with ${child.exitCode}`)
      await setTimeout(200)
    }
  }
  const signal = (name: NodeJS.Signals) => signalFamily(child, name)
  const kill = async () => {
    const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
    signal('SIGKILL')
    await exited
  }
  const removeFolder = () => rmSync(recipe.folder, { recursive: true, force: true, maxRetries: 10 })
  const cleanUp = () => {
    signal('SIGKILL')
    removeFolder()
  }
  process.once('exit', cleanUp)
  await launch()
  return {
    port: recipe.port,
    url: recipe.url,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    kill,
    restart: launch,
    async stop() {
      process.off('exit', cleanUp)
      await kill()
      removeFolder()
    },
  }
}

/** A PostgreSQL that was killed a moment ago may still hold on to its memory: then the next one gives up at once. */
const launchesAtMost = 20

/** Whether it is ready at last, or has ended before that. */
async function comesUp(recipe: ServerRecipe, child: ChildProcess): Promise<boolean> {
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  await until(async () => hasEnded() || (await recipe.isReady()))
  return !hasEnded()
}

/** The process is stopped first, so that it starts no more children meanwhile. */
function signalFamily({ pid, exitCode, signalCode }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  if (name !== 'SIGCONT') process.kill(pid, 'SIGSTOP')
  for (const id of [...childrenOf(pid), pid]) succeeds(() => process.kill(id, name))
}

function childrenOf(pid: number): number[] {
  try {
    return execFileSync('ps', ['-o', 'pid=', '--ppid', `${pid}`], { encoding: 'utf8' })
      .split('\n')
      .map(Number)
      .filter(Boolean)
  } catch {
    return []
  }
}

/** Polls, for as long as the test may take. */
export async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await setTimeout(20)
}

/**
 * A port that nobody listens on. Below those that the system gives to `listen(0)` and to connections: one of them would
 * sooner or later be somebody else's by the time that the server starts, or starts again.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(20_000, 32_000)
    if (await isFree(port)) return port
  }
  throw new Error('no port is free')
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'express-doku-ovo-'))
}

export function succeeds(act: () => unknown): boolean {
  try {
    return act() !== false
  } catch {
    return false
  }
}
