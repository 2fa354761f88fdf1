// A shop that publishes to Hookline, by each way in, and hears from it: an order by RPC, because the buyer is to hear
// whether it is known; a reading of a sensor by queue, because nobody waits for it; a refund over HTTP, as from a server
// that stands elsewhere; and a receiver of webhooks.

import {
  type EventMessage,
  type HooklineBinding,
  httpProducer,
  PublishError,
  queueProducer,
  rpcProducer,
} from 'hookline/producer'
import { VerificationError, verify } from 'hookline/verify'

export interface Env {
  readonly HOOKLINE: HooklineBinding
  readonly EVENTS: Queue<EventMessage>
  readonly TENANT_ID: string
  readonly HOOKLINE_URL: string
  /** A key of the tenant. */
  readonly HOOKLINE_TOKEN: string
  /** The secret of the webhook whose URL ends in `/hooks`. */
  readonly HOOKLINE_SECRET: string
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

/** What may be published, and its data: another type, or other data, does not compile. */
type ShopEvents = {
  'order.placed': Order
  'order.refunded': Order
  'reading.taken': Reading
}

export default {
  async fetch(request, env): Promise<Response> {
    if (request.method !== 'POST') return new Response(null, { status: 405 })
    const { pathname } = new URL(request.url)
    try {
      if (pathname === '/hooks') return await receive(request, env)
      const input: unknown = await request.json().catch(() => null)
      if (pathname === '/orders' && isOrder(input)) return await placeOrder(input, env)
      if (pathname === '/refunds' && isOrder(input)) return await refund(input, env)
      if (pathname === '/readings' && isReading(input)) return await takeReading(input, env)
      return new Response('No such thing.', { status: 400 })
    } catch (error) {
      console.error(error)
      if (error instanceof VerificationError) return new Response(null, { status: 401 })
      // What Hookline refuses would be refused again. Whoever repeats the rest sends the same key.
      return error instanceof PublishError && error.isRefusal
        ? new Response(error.message, { status: 422 })
        : new Response('Try again.', { status: 503, headers: { 'retry-after': '5' } })
    }
  },
} satisfies ExportedHandler<Env>

async function placeOrder(order: Order, env: Env): Promise<Response> {
  const hookline = rpcProducer<ShopEvents>(env.HOOKLINE, env.TENANT_ID, { tries: 3 })
  const id = `order-${order.number}-placed`
  const [accepted] = await hookline.publish({ type: 'order.placed', id, data: order })
  return Response.json({ eventId: accepted?.id, duplicate: accepted?.duplicate }, { status: 201 })
}

async function refund(order: Order, env: Env): Promise<Response> {
  const hookline = httpProducer<ShopEvents>({ url: env.HOOKLINE_URL, token: env.HOOKLINE_TOKEN })
  const id = `order-${order.number}-refunded`
  const [accepted] = await hookline.publish({ type: 'order.refunded', id, data: order })
  return Response.json({ eventId: accepted?.id, duplicate: accepted?.duplicate }, { status: 201 })
}

async function takeReading(reading: Reading, env: Env): Promise<Response> {
  const hookline = queueProducer<ShopEvents>(env.EVENTS, env.TENANT_ID)
  const id = `reading-${reading.sensor}-${reading.at}`
  const scope = { sensor: reading.sensor }
  await hookline.publish({ type: 'reading.taken', id, scope, data: reading })
  return new Response(null, { status: 202 })
}

async function receive(request: Request, env: Env): Promise<Response> {
  const { id, json } = await verify(request, env.HOOKLINE_SECRET)
  const { type } = json<{ type: string }>()
  // Here a receiver stores the event under its id, and takes one that it knows for a success.
  console.log('received', id, type)
  return new Response(null, { status: 204 })
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
