import type { CallMessage, ChangeMessage, WebhookMessage } from 'express-doku-ovo'
import { hearChannels } from '../channels.ts'
import { type Conversation, type Draft, detailsOf, type Text, type Tone } from './conversation.ts'
import type { Calls } from './hear-simulator.ts'

/** Adds the messages of the plug-in's diagnostics channels to the conversation. Returns a function that stops it. */
export function hearPlugin(conversation: Conversation, calls: Calls): () => void {
  return hearChannels({
    call: (message) => addCall(conversation, calls, message),
    webhook: (message) => conversation.add(webhookEntry(message)),
    change: (message) => conversation.add(changeEntry(message)),
  })
}

/** Completes the entry of a call that the simulator has seen already, or adds a new entry. */
function addCall(conversation: Conversation, calls: Calls, call: CallMessage): void {
  const begun = calls.take(call.path, call.requestHeaders)
  const draft = callEntry(call, begun?.verdict, begun?.fault)
  if (begun) conversation.complete(begun.entryId, draft)
  else conversation.add(draft)
}

function callEntry(call: CallMessage, verdict: Text | undefined, fault: string | undefined): Draft {
  const { method, path, httpStatus, responseBody, outcome, durationMs } = call
  const answer = httpStatus === undefined ? outcome : `${httpStatus} ${codeOf(responseBody)}`
  return {
    from: 'plugin',
    to: 'doku',
    title: `${method} ${path}`,
    answer: answer.trim(),
    tone: toneOfCall(call),
    isUnanswered: httpStatus === undefined,
    details: detailsOf({
      request: `${method} ${path}`,
      verdict,
      fault,
      stringToSign: call.stringToSign,
      requestHeaders: call.requestHeaders,
      requestBody: call.requestBody,
      answer: httpStatus === undefined ? outcome : `${httpStatus} – ${outcome}`,
      responseBody,
      duration: `${Math.round(durationMs)} ms`,
    }),
  }
}

function toneOfCall({ outcome, httpStatus }: CallMessage): Tone {
  if (outcome === 'success') return 'good'
  return httpStatus === undefined || outcome === 'unknown' || outcome === 'in-progress' ? 'odd' : 'bad'
}

function webhookEntry(webhook: WebhookMessage): Draft {
  const { path, httpStatus, responseBody, requestHeaders, requestBody, stringToSign } = webhook
  const isGood = httpStatus < 300
  return {
    from: 'doku',
    to: 'plugin',
    title: `POST ${path}${subjectOf(requestBody)}`,
    answer: `${httpStatus} ${codeOf(responseBody)}`.trim(),
    tone: isGood ? 'good' : 'bad',
    details: detailsOf({
      request: `POST ${path}`,
      verdict: { words: isGood ? 'verdict.webhookAccepted' : 'verdict.webhookRefused' },
      stringToSign,
      requestHeaders,
      requestBody,
      answer: String(httpStatus),
      responseBody,
    }),
  }
}

/** The status in a notification, in DOKU's own word. */
function subjectOf(body: unknown): string {
  const status = textIn(body, 'transactionStatusDesc') || textIn(member(body, 'additionalInfo'), 'status')
  return status && ` (${status})`
}

function changeEntry({ subject, id, from, to }: ChangeMessage): Draft {
  return {
    from: 'plugin',
    to: 'plugin',
    title: `${subject}: ${from ?? '–'} → ${to}`,
    answer: '',
    tone: toneOfStatus(to),
    details: detailsOf({ event: { subject, id, from, to } }),
  }
}

const goodStatuses = ['paid', 'active', 'refunded', 'partially-refunded', 'succeeded']
const badStatuses = ['failed', 'cancelled', 'unlinked']

function toneOfStatus(status: string): Tone {
  if (goodStatuses.includes(status)) return 'good'
  return badStatuses.includes(status) ? 'bad' : 'odd'
}

function codeOf(body: unknown): string {
  return textIn(body, 'responseCode')
}

function member(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined
}

function textIn(body: unknown, name: string): string {
  const value = member(body, name)
  return typeof value === 'string' ? value : ''
}
