// A shop that publishes to Hookline: an order by RPC, because the buyer is to hear whether it is known; a reading of a
// sensor by queue, because nobody waits for it.

import {
  type EventMessage,
  type Hookline,
  isRefusal,
  publishLater,
  publishNow,
} from './hookline.ts'

export interface Env {
  readonly HOOKLINE: Hookline
  readonly EVENTS: Queue<EventMessage>
  readonly TENANT_ID: string
}

interface Order {
  readonly number: string
  readonly total: number
}

interface Reading {
  readonly sensor: string
  readonly at: string
  readonly celsius: number
}

export default {
  async fetch(request, env): Promise<Response> {
    if (request.method !== 'POST') return new Response(null, { status: 405 })
    const input: unknown = await request.json().catch(() => null)
    const { pathname } = new URL(request.url)
    try {
      if (pathname === '/orders' && isOrder(input)) return await placeOrder(input, env)
      if (pathname === '/readings' && isReading(input)) return await takeReading(input, env)
      return new Response('No such thing.', { status: 400 })
    } catch (error) {
      console.error(error)
      // What Hookline refuses would be refused again. Whoever repeats the rest sends the same key.
      return isRefusal(error)
        ? new Response(error.message, { status: 422 })
        : new Response('Try again.', { status: 503, headers: { 'retry-after': '5' } })
    }
  },
} satisfies ExportedHandler<Env>

async function placeOrder(order: Order, env: Env): Promise<Response> {
  const event = { type: 'order.placed', id: `order-${order.number}-placed`, data: { ...order } }
  const { id, duplicate } = await publishNow(env.HOOKLINE, env.TENANT_ID, event)
  return Response.json({ eventId: id, duplicate }, { status: 201 })
}

async function takeReading(reading: Reading, env: Env): Promise<Response> {
  const id = `reading-${reading.sensor}-${reading.at}`
  const scope = { sensor: reading.sensor }
  const event = { type: 'reading.taken', id, scope, data: { ...reading } }
  await publishLater(env.EVENTS, env.TENANT_ID, event)
  return new Response(null, { status: 202 })
}

function isOrder(input: unknown): input is Order {
  return hasFields(input) && typeof input.number === 'string' && typeof input.total === 'number'
}

function isReading(input: unknown): input is Reading {
  return (
    hasFields(input) &&
    typeof input.sensor === 'string' &&
    typeof input.at === 'string' &&
    typeof input.celsius === 'number'
  )
}

function hasFields(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null
}
