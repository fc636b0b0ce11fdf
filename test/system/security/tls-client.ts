import { createTransport, TransportError } from '../../../lib/doku/transport.ts'

/** Posts once, in an environment that the test has chosen, and prints what came of it. */
const [, , baseUrl = '', floor] = process.argv
const transport = createTransport({ baseUrl, maxAnswerBytes: 1000, tls: floor === '1.3' ? '1.3' : '1.2' })
try {
  const { httpStatus } = await transport.post({ path: '/', headers: {}, body: '{}', deadlineMs: 5000 })
  process.stdout.write(String(httpStatus))
} catch (error) {
  process.stdout.write(error instanceof TransportError ? error.loss : String(error))
}
await transport.close()
