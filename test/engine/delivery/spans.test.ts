// What Hookline's own spans tell, and the log of a trace (docs/operations.md, "Traces").

import { describe, expect, it } from 'vitest'
import type { EventDraft } from '../../../src/engine/model/index.ts'
import { recordSpans } from '../../fakes/tracing.ts'
import { Bench, failedWith, handledBy } from '../../fixtures/bench.ts'

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736'
const trace = { traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01` }
const draft: EventDraft = {
  ...{ type: 'invoice.paid', data: '{}', time: null, scope: {}, trace },
  ...{ actor: null, requestId: null, deduplicationKey: null },
}

async function openTraced() {
  const { inSpan, spans } = recordSpans()
  const bench = await Bench.open({ inSpan })
  const failureHandling = handledBy({ retry: { type: 'linear', intervalSeconds: 0, attempts: 1 } })
  const webhook = await bench.webhook({ failureHandling })
  const publish = async (drafts = [draft]) => {
    const answers = await bench.engine.events.publish(bench.tenantId, drafts)
    await bench.settled()
    return answers.map(({ id }) => id)
  }
  return { bench, webhook, publish, spans }
}

describe('spans', () => {
  it('are of a publish and of each attempt', async () => {
    const { bench, webhook, publish, spans } = await openTraced()
    const [id] = await publish()
    expect(spans).toEqual([
      {
        name: 'publish events',
        attributes: {
          'messaging.system': 'hookline',
          'messaging.operation.name': 'publish',
          'messaging.operation.type': 'send',
          'messaging.destination.name': 'events',
          'hookline.tenant_id': bench.tenantId,
          'hookline.trace_id': TRACE_ID,
        },
        error: null,
      },
      {
        name: 'deliver webhook',
        attributes: {
          'messaging.system': 'hookline',
          'messaging.operation.name': 'deliver',
          'messaging.message.id': id,
          'http.request.method': 'POST',
          'http.response.status_code': 204,
          'server.address': 'receiver.example',
          'hookline.tenant_id': bench.tenantId,
          'hookline.webhook_id': webhook.id,
          'hookline.event_type': 'invoice.paid',
          'hookline.trace_id': TRACE_ID,
          'hookline.end': 'done',
        },
        error: null,
      },
    ])
  })

  it('say how many events there are, and of no trace where they share none', async () => {
    const { publish, spans } = await openTraced()
    await publish([draft, { ...draft, trace: undefined }])
    const [{ attributes } = { attributes: {} }] = spans
    expect(attributes).toMatchObject({ 'messaging.batch.message_count': 2 })
    expect(attributes).not.toHaveProperty('hookline.trace_id')
  })

  it('fail with what they are of', async () => {
    const { bench, publish, spans } = await openTraced()
    bench.respond = () => failedWith(503, 0)
    await publish()
    const message = bench.takeHandedOver().message
    await bench.consumeDelivery(message)
    await bench.settled()
    const attempts = spans.filter(({ name }) => name === 'deliver webhook')
    expect(attempts).toMatchObject([
      {
        attributes: {
          ...{ 'http.response.status_code': 503, 'error.type': '503' },
          'hookline.end': 'retry',
        },
        error: 'The receiver responded with status 503.',
      },
      { attributes: { 'http.request.resend_count': 1, 'hookline.end': 'divert' } },
    ])
    bench.respond = () => failedWith(null)
    await publish()
    expect(spans.at(-1)).toMatchObject({ attributes: { 'error.type': 'no_response' } })
  })
})

describe('the log', () => {
  it('has the id of the trace in the line of each attempt', async () => {
    const { bench, publish } = await openTraced()
    await publish()
    await publish([{ ...draft, trace: undefined }])
    const attempts = bench.lines.filter(({ event }) => event === 'attempt')
    expect(attempts).toMatchObject([{ traceId: TRACE_ID }, {}])
    expect(attempts[1]).not.toHaveProperty('traceId')
  })
})
