// A trace from a producer to its receivers, by every door (docs/publishing.md, "Traces").

import { env, exports } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { openReceiver, presentations, send } from '../fixtures/hookline.ts'
import { call, createWebhook, openWorld } from './world.ts'

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const OTHER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'
const TRACESTATE = 'congo=t61rcWkgMzE,rojo=00f067aa0ba902b7'
const event = { type: 'invoice.paid', data: { total: 1 } }
const cloudEvent = { specversion: '1.0', id: '1', source: '/shop', ...event }

/** A tenant with one webhook, and ways to publish for it. */
async function openTraced(fields: Record<string, unknown> = {}) {
  const { key, tenant } = await openWorld()
  const receiver = openReceiver()
  await createWebhook(key, receiver, fields)
  const publish = async (body: unknown, headers: Record<string, string> = {}) => {
    const text = JSON.stringify(body)
    const bearer = presentations.bearer(key)
    const request = { method: 'POST', path: '/v1/events', body: text }
    return send(request, { ...bearer, 'content-type': 'application/json', ...headers })
  }
  /** The trace of each request, once there are so many. */
  const traces = async (count = 1) => {
    await receiver.received(count)
    return receiver.requests.map(({ headers: { traceparent, tracestate } }) =>
      tracestate === undefined ? { traceparent } : { traceparent, tracestate },
    )
  }
  return { key, tenant, publish, traces }
}

describe('a trace reaches the receiver', () => {
  it.each([
    ['by headers of the request', event, { traceparent: TRACEPARENT, tracestate: TRACESTATE }],
    ['by fields of the event', { ...event, traceparent: TRACEPARENT, tracestate: TRACESTATE }, {}],
    [
      'by fields rather than by headers',
      { ...event, traceparent: TRACEPARENT, tracestate: TRACESTATE },
      { traceparent: OTHER },
    ],
    [
      'by attributes of a CloudEvent',
      { ...cloudEvent, traceparent: TRACEPARENT, tracestate: TRACESTATE },
      { 'content-type': 'application/cloudevents+json', traceparent: OTHER },
    ],
    [
      'by headers of a CloudEvent in binary mode',
      event.data,
      {
        ...{ 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/shop', 'ce-type': event.type },
        ...{ 'ce-traceparent': TRACEPARENT, 'ce-tracestate': TRACESTATE, traceparent: OTHER },
      },
    ],
  ])('%s', async (_, body, headers: Record<string, string>) => {
    const { key, publish, traces } = await openTraced()
    const answer = await publish(body, headers)
    expect(answer.status, answer.text).toBe(202)
    expect(await traces()).toEqual([{ traceparent: TRACEPARENT, tracestate: TRACESTATE }])
    const { items } = await call<{ items: unknown[] }>(key, 200, 'GET', '/events')
    const shown = { traceparent: TRACEPARENT, tracestate: TRACESTATE, scope: {} }
    expect(items).toMatchObject([shown])
  })

  it('by RPC and by the queue of other Workers', async () => {
    const { tenant, traces } = await openTraced()
    const traced = { ...event, traceparent: TRACEPARENT }
    await exports.Publisher.publish(tenant.id, traced)
    await env.EVENTS.send({ v: 1, tenantId: tenant.id, events: [traced] })
    expect(await traces(2)).toEqual([{ traceparent: TRACEPARENT }, { traceparent: TRACEPARENT }])
  })

  it('and not a header of the webhook that has its name', async () => {
    const headers = { traceparent: 'of its owner', tracestate: 'owner=1', 'x-mine': 'kept' }
    const { publish, traces } = await openTraced({ headers })
    await publish(event, { traceparent: TRACEPARENT })
    expect(await traces()).toEqual([{ traceparent: TRACEPARENT }])
  })

  it('in a batch where its events share one', async () => {
    const { publish, traces } = await openTraced({ batch: { maxEvents: 2, maxWaitMs: 60_000 } })
    await publish([event, event], { traceparent: TRACEPARENT })
    expect(await traces(1)).toEqual([{ traceparent: TRACEPARENT }])
    await publish([{ ...event, traceparent: OTHER }, event], { traceparent: TRACEPARENT })
    expect(await traces(2)).toEqual([{ traceparent: TRACEPARENT }, {}])
  })
})

describe('a trace that is none', () => {
  it('in a header is ignored', async () => {
    const { key, publish, traces } = await openTraced()
    const broken = { traceparent: '00-0-0-01', tracestate: TRACESTATE }
    expect((await publish(event, broken)).status).toBe(202)
    expect(await traces()).toEqual([{}])
    const { items } = await call<{ items: unknown[] }>(key, 200, 'GET', '/events')
    expect(items).toMatchObject([{ traceparent: null, tracestate: null }])
  })

  it.each([
    ['in a field', { ...event, traceparent: '00-0-0-01' }, {}, 'traceparent'],
    ['in a state', { ...event, traceparent: TRACEPARENT, tracestate: 'A=' }, {}, 'tracestate'],
    ['that is a state alone', { ...event, tracestate: TRACESTATE }, {}, 'tracestate'],
    ['in one of several events', [event, { ...event, traceparent: '' }], {}, '[1].traceparent'],
    [
      'in a CloudEvent',
      { ...cloudEvent, traceparent: 'x' },
      { 'content-type': 'application/cloudevents+json' },
      'traceparent',
    ],
    [
      'in a header of a CloudEvent',
      event.data,
      {
        ...{ 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/shop', 'ce-type': event.type },
        'ce-traceparent': 'x',
      },
      'ce-traceparent',
    ],
  ])('%s is refused', async (_, body, headers: Record<string, string>, path) => {
    const { publish } = await openTraced()
    const answer = await publish(body, headers)
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ errors: [{ path }] })
  })
})
