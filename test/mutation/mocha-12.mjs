import { createRequire } from 'node:module'

// Stryker 9's mocha runner asks for `mocha/lib/cli/options` and the like, which have been .cjs files since mocha 12.
const { extensions } = createRequire(import.meta.url)
extensions['.cjs'] ??= extensions['.js']
