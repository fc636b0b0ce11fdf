import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { expect } from 'chai'
import { traceDokuOvo } from '../../../examples/opentelemetry.ts'
import { alicesPhone, bind, type Shop, startShop } from '../../support/shop.ts'

describe('the example opentelemetry.ts', () => {
  const exporter = new InMemorySpanExporter()
  const spanNamed = (name: string) => exporter.getFinishedSpans().find((span) => span.name === name)
  let shop: Shop

  before(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
    traceDokuOvo()
  })
  beforeEach(async () => {
    shop = await startShop()
    exporter.reset()
  })
  afterEach(() => shop.close())
  after(() => {
    trace.disable()
    context.disable()
  })

  /** As the host's own instrumentation of HTTP does around every request. */
  function inRequest<T>(name: string, work: () => Promise<T>): Promise<T> {
    return trace.getTracer('the host').startActiveSpan(name, (span) => work().finally(() => span.end()))
  }

  it('makes a span of each call to DOKU, below the request that it is for', async () => {
    await bind(shop, 'alice', alicesPhone)
    await inRequest('POST /payments', () => shop.ovo.service.pay({ id: 'alice' }, { orderId: 'order-1' }))
    const request = spanNamed('POST /payments')
    const call = spanNamed('DOKU payment')
    expect(call?.kind).to.equal(SpanKind.CLIENT)
    expect(call?.parentSpanContext?.spanId).to.equal(request?.spanContext().spanId)
    expect(call?.attributes).to.include({ 'doku.operation': 'payment', 'doku.outcome': 'success' })
    expect(call?.attributes).to.include({ 'http.request.method': 'POST', 'http.response.status_code': 200 })
    expect(call?.status.code).to.equal(SpanStatusCode.UNSET)
    expect(request?.events.map(({ name }) => name)).to.deep.equal(['payment awaiting-customer'])
  })

  it('marks a call that DOKU refused, or that got no answer', async () => {
    await bind(shop, 'alice', alicesPhone)
    shop.simulator.faults.next('payment', { kind: 'cut' })
    await inRequest('POST /payments', () => shop.ovo.service.pay({ id: 'alice' }, { orderId: 'order-1' }))
    const call = spanNamed('DOKU payment')
    expect(call?.status).to.deep.equal({ code: SpanStatusCode.ERROR, message: 'unknown' })
    expect(call?.attributes).not.to.have.property('http.response.status_code')
  })

  it('lets no secret into a span', async () => {
    await inRequest('POST /bindings', () => bind(shop, 'alice', alicesPhone))
    await inRequest('POST /payments', () => shop.ovo.service.pay({ id: 'alice' }, { orderId: 'order-1' }))
    const spans = exporter
      .getFinishedSpans()
      .map(({ name, attributes, events, status }) => ({ name, attributes, events, status }))
    expect(spans).not.to.have.length(0)
    expect(JSON.stringify(spans)).not.to.match(/6281200000001|Bearer|ey[JK]|authCode/)
  })
})
