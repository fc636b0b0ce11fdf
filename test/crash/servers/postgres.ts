import { execFileSync } from 'node:child_process'
import { chownSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { freePort, newFolder, type PrivateServer, startServer } from '../../support/private-server.ts'

type User = { readonly uid: number; readonly gid: number } | undefined

/** What is acknowledged is on disk; the rest keeps it on loopback. */
const settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
}

/** A cluster of its own, in a folder of its own. */
export async function startPostgres(): Promise<PrivateServer> {
  const [port, folder, user] = [await freePort(), newFolder(), serverUser()]
  if (user) chownSync(folder, user.uid, user.gid)
  const bin = execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim()
  const data = join(folder, 'data')
  const initialise = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync']
  execFileSync(join(bin, 'initdb'), initialise, { stdio: 'ignore', cwd: folder, ...user })
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const args = ['-D', data, '-p', String(port), ...options]
  return startServer({ port, url, command: join(bin, 'postgres'), args, folder, user, isReady: () => answers(url) })
}

/** PostgreSQL refuses to run as root: then it runs as `postgres`. */
function serverUser(): User {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 500 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
