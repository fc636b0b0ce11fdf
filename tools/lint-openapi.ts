// Lints, with Redocly, the document of the package and those of routers that are set up in other ways.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDocument } from '../lib/routes/openapi/document.ts'
import { type Scope, wholePackage } from '../lib/routes/openapi/scope.ts'
import { routeNames } from '../lib/routes/table.ts'

const shop: Scope = { ...wholePackage, publicUrl: 'https://shop.example/ovo' }
const scopes: Record<string, Scope> = {
  package: wholePackage,
  'with-refunds': { ...shop, hasRefunds: true },
  'without-refunds': { ...shop, hasRefunds: false },
  'without-limits': { ...shop, limits: false },
  'without-tokens': { ...shop, requireBearer: false },
  ...Object.fromEntries(routeNames.map((name) => [`only-${name}`, { ...shop, mounted: [name] }])),
}

const redocly = fileURLToPath(import.meta.resolve('@redocly/cli/bin/cli.js'))
const config = fileURLToPath(new URL('../redocly.yaml', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'express-doku-ovo-openapi-'))
try {
  const files = Object.entries(scopes).map(([name, scope]) => {
    const file = join(folder, `${name}.json`)
    writeFileSync(file, JSON.stringify(createDocument(scope), undefined, 2))
    return file
  })
  execFileSync(process.execPath, [redocly, 'lint', '--config', config, ...files], {
    stdio: 'inherit',
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
