// In place of tsx's own loader: from here on, `express` is Express 4, for the package and for the tests alike.
import { fileURLToPath } from 'node:url'

process.env.EXPRESS_UNDER_TEST = '4'
process.env.TSX_TSCONFIG_PATH = fileURLToPath(new URL('express4.tsconfig.json', import.meta.url))
await import('tsx')
