// Part of the build: what the package says of everything that a shop can mount, for `express-doku-ovo/openapi.json`.
import { mkdirSync, writeFileSync } from 'node:fs'
import { createDocument } from '../lib/routes/openapi/document.ts'
import { wholePackage } from '../lib/routes/openapi/scope.ts'

const folder = new URL('../dist/', import.meta.url)

mkdirSync(folder, { recursive: true })
writeFileSync(new URL('openapi.json', folder), `${JSON.stringify(createDocument(wholePackage), undefined, 2)}\n`)
