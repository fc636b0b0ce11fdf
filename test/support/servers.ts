import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { createClient } from 'redis'
import { freePort, newFolder, type PrivateServer, startServer, succeeds, until } from './private-server.ts'

export type { PrivateServer } from './private-server.ts'

/** Where the machine's own servers are, if it has any. */
export const serviceUrls = {
  redis: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379',
  postgres: process.env.DATABASE_URL ?? 'postgres://root@127.0.0.1:5432/test',
} as const

let redis: Promise<PrivateServer> | undefined
let postgres: Promise<PrivateServer> | undefined
let databases = 0

/** The URL of an empty database, on the one Redis that this process starts for all tests that break no server. */
export async function newRedisDatabase(): Promise<string> {
  redis ??= startRedis('--databases', '100')
  return `${(await redis).url}/${databases++}`
}

/** The same on PostgreSQL. */
export async function newPostgresDatabase(): Promise<string> {
  postgres ??= startPostgres()
  const { url } = await postgres
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const name = `database_${databases++}`
  await client.query(`CREATE DATABASE ${name}`)
  await client.end()
  return url.replace(/postgres$/, name)
}

/** Redis with everything on disk before it answers, unless `args` say otherwise. Needs `redis-server`. */
export async function startRedis(...args: string[]): Promise<PrivateServer> {
  const port = await freePort()
  const folder = newFolder()
  const settings = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--dir', folder, ...args]
  return startServer({
    port,
    url: `redis://127.0.0.1:${port}`,
    command: 'redis-server',
    args: ['--port', `${port}`, '--bind', '127.0.0.1', ...settings],
    folder,
    isReady: async () => (await exchange(port, 'PING\r\n')).startsWith('+PONG'),
  })
}

/** Three masters that share the slots. */
export async function startRedisCluster(): Promise<PrivateServer[]> {
  const nodes: PrivateServer[] = []
  for (let node = 0; node < 3; node++) {
    const busPort = await freePort()
    nodes.push(await startRedis('--cluster-enabled', 'yes', '--cluster-port', `${busPort}`))
  }
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
  execFileSync('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'], { stdio: 'pipe' })
  for (const { port } of nodes) {
    await until(async () => (await exchange(port, 'CLUSTER INFO\r\n')).includes('cluster_state:ok'))
  }
  return nodes
}

/**
 * PostgreSQL with a database `postgres` and a superuser `postgres` without a password. Needs the server's own programs.
 * @param settings what is not as usual: by default nothing is synchronised to the disk
 */
export async function startPostgres(settings = ['fsync=off', 'max_connections=100']): Promise<PrivateServer> {
  const port = await freePort()
  const folder = newFolder()
  const user = postgresUser()
  if (user) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  execFileSync('cp', ['-r', postgresTemplate(user), data], { cwd: folder, ...user })
  const all = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...settings]
  return startServer({
    port,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    command: postgresProgram('postgres'),
    args: ['-D', data, '-p', `${port}`, ...all.flatMap((setting) => ['-c', setting])],
    folder,
    user,
    isReady: async () => (await exchange(port, startupPacket('postgres'))).startsWith('R'),
  })
}

let template: string | undefined

/** What `initdb` makes, once in this process: it takes longer than all that follows. */
function postgresTemplate(user: ReturnType<typeof postgresUser>): string {
  if (template) return template
  const folder = newFolder()
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  if (user) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync']
  execFileSync(postgresProgram('initdb'), initdb, { stdio: 'pipe', cwd: folder, ...user })
  template = data
  return data
}

export function canStartRedis(): boolean {
  return succeeds(() => execFileSync('redis-server', ['--version'], { stdio: 'pipe' }))
}

export function canStartPostgres(): boolean {
  return succeeds(() => existsSync(postgresProgram('initdb')))
}

/** Whether there is a server at that URL that lets us in: somebody's own may want a password. */
export function isReachable(url: string): Promise<boolean> {
  const answered = url.startsWith('redis') ? askRedis(url) : askPostgres(url)
  return answered.then(
    () => true,
    () => false,
  )
}

async function askRedis(url: string): Promise<void> {
  const client = createClient({ url, socket: { reconnectStrategy: false } }).on('error', () => {})
  await client.connect()
  await client.ping().finally(() => client.destroy())
}

async function askPostgres(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  await client.query('SELECT').finally(() => client.end())
}

/** For a `before` hook: skips its tests visibly when what they need is missing, but lets CI fail. */
export function need(context: Mocha.Context, what: string, isThere: boolean): void {
  if (isThere) return
  if (process.env.CI === 'true') throw new Error(`${what} is needed for these tests`)
  context.skip()
}

/** What a server says first to some bytes; '' when there is none. */
async function exchange(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
  return new Promise<string>((resolve) => {
    socket
      .once('data', (data) => resolve(data.toString()))
      .once('error', () => resolve(''))
      .once('close', () => resolve(''))
  }).finally(() => socket.destroy())
}

function postgresProgram(name: string): string {
  return join(execFileSync('pg_config', ['--bindir'], { encoding: 'utf8', stdio: 'pipe' }).trim(), name)
}

/** How a client greets PostgreSQL, protocol 3.0. Answered with R for "authenticated", or E while the server starts. */
function startupPacket(user: string): Buffer {
  const parameters = Buffer.from(`user\0${user}\0database\0${user}\0\0`)
  const header = Buffer.alloc(8)
  header.writeInt32BE(8 + parameters.length, 0)
  header.writeInt32BE(3 << 16, 4)
  return Buffer.concat([header, parameters])
}

/** PostgreSQL refuses to run as root. */
function postgresUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
