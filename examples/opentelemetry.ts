// Spans and events for all calls, webhooks and changes of the router. Call it once, after your OpenTelemetry SDK has started.
import { subscribe } from 'node:diagnostics_channel'
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { CallMessage, ChangeMessage, WebhookMessage } from 'express-doku-ovo'

export function traceDokuOvo(): void {
  const tracer = trace.getTracer('express-doku-ovo')

  subscribe('express-doku-ovo:call', (message) => {
    const { operation, method, path, httpStatus, outcome, durationMs } = message as CallMessage
    const end = Date.now()
    const attributes = {
      'http.request.method': method,
      'url.path': path,
      ...(httpStatus !== undefined && { 'http.response.status_code': httpStatus }),
      'doku.operation': operation,
      'doku.outcome': outcome,
    }
    const options = { kind: SpanKind.CLIENT, startTime: end - durationMs, attributes }
    const span = tracer.startSpan(`DOKU ${operation}`, options)
    if (outcome !== 'success') span.setStatus({ code: SpanStatusCode.ERROR, message: outcome })
    span.end(end)
  })

  subscribe('express-doku-ovo:webhook', (message) => {
    const { route, httpStatus } = message as WebhookMessage
    trace.getActiveSpan()?.addEvent('DOKU webhook', { 'doku.route': route, 'doku.answer': httpStatus })
  })

  subscribe('express-doku-ovo:change', (message) => {
    const { subject, id, from = 'nothing', to } = message as ChangeMessage
    trace.getActiveSpan()?.addEvent(`${subject} ${to}`, { 'doku.id': id, 'doku.from': from, 'doku.to': to })
  })
}
