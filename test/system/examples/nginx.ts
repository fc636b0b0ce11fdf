import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, newFolder, type PrivateServer, startServer } from '../../support/private-server.ts'

const example = fileURLToPath(new URL('../../../examples/nginx.conf', import.meta.url))

/** Debian puts it where only root looks. */
const command = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'].find(existsSync)

export function canStartNginx(): boolean {
  return command !== undefined
}

/** An nginx of the test's own, with the example's file; only the two ports are others. */
export async function startNginx(appPort: number): Promise<PrivateServer> {
  const port = await freePort()
  const folder = newFolder()
  const ports = { '127.0.0.1:8080': `127.0.0.1:${port}`, '127.0.0.1:3000': `127.0.0.1:${appPort}` }
  writeFileSync(join(folder, 'shop.conf'), replaceEach(readFileSync(example, 'utf8'), ports))
  writeFileSync(join(folder, 'nginx.conf'), mainFile(folder))
  const url = `http://127.0.0.1:${port}`
  return startServer({
    port,
    url,
    command: command ?? 'nginx',
    args: ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')],
    folder,
    isReady: () => fetch(url).then(Boolean, () => false),
  })
}

function replaceEach(text: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce((result, [from, to]) => {
    if (result.split(from).length !== 2) throw new Error(`examples/nginx.conf does not have ${from} once`)
    return result.replace(from, to)
  }, text)
}

/** What Debian's own main file does around a file in conf.d, in one folder, and in the foreground. */
function mainFile(folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path ${join(folder, name)};`,
  )
  return `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
events {}
http {
  access_log ${join(folder, 'access.log')};
${temporary.join('\n')}
  include ${join(folder, 'shop.conf')};
}
`
}
