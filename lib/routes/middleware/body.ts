import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Request } from 'express'
import { ProblemError } from '../../errors.ts'
import { parseJson } from '../../primitives/json.ts'
import { oneLine } from '../../redaction.ts'
import { bodyDeadlineMs } from './answer.ts'
import { isJson } from './same-origin.ts'

/** In bytes: several times the size of the largest body that we need. */
const maxBodyBytes = 32 * 1024

interface WithRawBody {
  rawBody?: unknown
}

/**
 * Keeps the bytes that a signature covers, for a host whose `express.json()` runs before this router.
 * @example
 * ```ts
 * import express from 'express'
 * import { keepRawBody } from 'express-doku-ovo'
 *
 * app.use(express.json({ verify: keepRawBody }))
 * app.use('/ovo', ovo)
 * ```
 */
export function keepRawBody(req: IncomingMessage, _res: ServerResponse, bytes: Buffer): void {
  ;(req as IncomingMessage & WithRawBody).rawBody = bytes
}

/**
 * Reads the body's bytes.
 * @returns undefined if a middleware before this router has read the body and kept no bytes of it
 * @throws ProblemError BODY_TOO_LARGE, BODY_TOO_SLOW, UNSUPPORTED_MEDIA_TYPE
 */
export async function readBytes(req: Request, deadlineMs = bodyDeadlineMs): Promise<Buffer | undefined> {
  const encoding = req.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new ProblemError('UNSUPPORTED_MEDIA_TYPE', 'Send the body without Content-Encoding.')
  }
  const { rawBody } = req as WithRawBody
  if (Buffer.isBuffer(rawBody)) return requireSmall(rawBody)
  return req.readableDidRead ? undefined : await readStream(req, deadlineMs)
}

/**
 * Reads the JSON body of a customer. If the host's `express.json()` has parsed it already, that value is used.
 * @throws ProblemError UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, INVALID_BODY, INVALID_FIELD
 */
export async function readJson(req: Request): Promise<unknown> {
  if (!isJson(req.headers['content-type'] ?? '')) {
    throw new ProblemError('UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json.')
  }
  const bytes = await readBytes(req)
  if (bytes === undefined) return req.body
  const parsed = parseJson(bytes)
  if (parsed.ok) return parsed.value
  const { reason, path = '' } = parsed
  if (reason === 'duplicate-key' || reason === 'forbidden-key') {
    const field = oneLine(path.slice(1, 101).replaceAll('/', '.'))
    const why = reason === 'duplicate-key' ? 'is there twice' : 'is not a field here'
    throw new ProblemError('INVALID_FIELD', `${field}: ${why}`, { field })
  }
  throw new ProblemError('INVALID_BODY', `The body cannot be read as JSON (${reason}).`)
}

function requireSmall(bytes: Buffer): Buffer {
  if (bytes.length <= maxBodyBytes) return bytes
  throw tooLarge()
}

function tooLarge(): ProblemError {
  return new ProblemError('BODY_TOO_LARGE', `The body must be at most ${maxBodyBytes} bytes.`)
}

function tooSlow(deadlineMs: number): ProblemError {
  return new ProblemError('BODY_TOO_SLOW', `The body must arrive within ${deadlineMs} ms.`)
}

/** Stops reading at the limit. Node drops the rest and closes the connection. */
function readStream(req: Request, deadlineMs: number): Promise<Buffer> {
  if (Number(req.headers['content-length']) > maxBodyBytes) return Promise.reject(endConnection(req, tooLarge()))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    let isOver = false
    const finish = (settle: () => void) => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      settle()
    }
    const refuse = (problem: ProblemError) => {
      req.off('data', onData)
      reject(endConnection(req, problem))
    }
    const timer = setTimeout(() => finish(() => refuse(tooSlow(deadlineMs))), deadlineMs)
    const onData = (chunk: Buffer) => {
      chunks.push(chunk)
      length += chunk.length
      if (length > maxBodyBytes) finish(() => refuse(tooLarge()))
    }
    req
      .on('data', onData)
      .on('end', () => finish(() => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))))
      .on('close', () => finish(() => reject(new ProblemError('INVALID_BODY', 'The body was cut off.'))))
  })
}

function endConnection(req: Request, problem: ProblemError): ProblemError {
  req.res?.setHeader('Connection', 'close')
  return problem
}
