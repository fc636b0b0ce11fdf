// Starts a Redis and a PostgreSQL for all tests that only use them, and writes their addresses into a file as a shell reads
// variables: `node --import=tsx test/support/serve.ts <file>`. It runs until it is told to end.
import { writeFileSync } from 'node:fs'
import { startPostgres, startRedis } from './servers.ts'

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(0))
const [redis, postgres] = await Promise.all([startRedis(), startPostgres()])
writeFileSync(process.argv[2] ?? '', `REDIS_URL=${redis.url}\nDATABASE_URL=${postgres.url}\n`)
