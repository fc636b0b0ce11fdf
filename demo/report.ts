import type { CallMessage, ChangeMessage, WebhookMessage } from 'express-doku-ovo'
import { hearChannels } from './channels.ts'
import type { Print } from './print.ts'

/** `short`: one line for each call. `full`: also headers, bodies and string-to-sign. Secrets are masked already. */
export type Detail = 'short' | 'full'

/** Prints the messages of the plug-in's diagnostics channels. Returns a function that stops it. */
export function report(print: Print, detail: Detail): () => void {
  return hearChannels({
    call: (message) => print(describeCall(message, detail)),
    webhook: (message) => print(describeWebhook(message, detail)),
    change: (message) => {
      if (detail === 'full') print(describeChange(message))
    },
  })
}

function describeCall(call: CallMessage, detail: Detail): string {
  const { operation, method, path, httpStatus, responseBody, outcome } = call
  const code = codeOf(responseBody)
  const heading = `  → DOKU  ${method} ${path} (${operation})`
  const answer = httpStatus === undefined ? outcome : `${httpStatus} ${code} ${outcome}`
  if (detail === 'short') return `${heading}: ${answer}`
  return lines(
    heading,
    ...headerLines(call.requestHeaders),
    bodyLine(call.requestBody),
    field('string-to-sign', call.stringToSign),
    `  ← DOKU  ${answer}`,
    responseBody === undefined ? '' : bodyLine(responseBody),
  )
}

function describeWebhook(webhook: WebhookMessage, detail: Detail): string {
  const { route, path, httpStatus, responseBody } = webhook
  const heading = `  ← DOKU  POST ${path} (${route})`
  const answer = `${httpStatus} ${codeOf(responseBody)}`
  if (detail === 'short') return `${heading}: ${answer}`
  const headers = headerLines(webhook.requestHeaders)
  return lines(heading, ...headers, bodyLine(webhook.requestBody), `  → DOKU  ${answer}`, bodyLine(responseBody))
}

function describeChange({ subject, id, from, to }: ChangeMessage): string {
  return `  * ${subject} ${id}: ${from ?? 'none'} → ${to}`
}

function codeOf(body: unknown): string {
  const code = typeof body === 'object' && body !== null && 'responseCode' in body ? body.responseCode : ''
  return String(code)
}

/** Headers of every HTTP client. They say nothing about SNAP. */
const plainHeaders = new Set(['host', 'connection', 'content-length'])

function headerLines(headers: Record<string, string>): string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    plainHeaders.has(name.toLowerCase()) ? [] : [field(name, value)],
  )
}

function bodyLine(body: unknown): string {
  return field('body', JSON.stringify(body))
}

function field(name: string, value: string): string {
  return `          ${name}: ${value}`
}

function lines(...all: string[]): string {
  return all.filter((line) => line !== '').join('\n')
}
