// The bare Worker: the floor, and what the contracts ask of whoever keeps them, each done once and with nothing around it. A
// key is hashed, a batch asks D1 once (for nothing in any table) and leaves a row with each of two objects, a request and an
// attempt leave a line. No routes, no checks, no matching, no retries, no health: what Hookline's design would be at best,
// were the rest for free.

import { DurableObject } from 'cloudflare:workers'
import { deliver, type FloorEvent } from '../floor/deliver.ts'

export interface BareEnv {
  readonly EVENTS: Queue
  readonly DB: D1Database
  readonly MEMORIES: DurableObjectNamespace<Memory>
  /** Where every event goes. */
  readonly TARGET_URL: string
}

export class Memory extends DurableObject<BareEnv> {
  constructor(ctx: DurableObjectState, env: BareEnv) {
    super(ctx, env)
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS rows (seq INTEGER PRIMARY KEY, text TEXT)')
  }

  write(text: string): void {
    this.ctx.storage.sql.exec('INSERT INTO rows (text) VALUES (?)', text)
  }
}

/** As many requests at a time as a batch of Hookline has under way. */
const LANES = 5

const utf8 = new TextEncoder()
const say = (line: Readonly<Record<string, unknown>>) => console.log(JSON.stringify(line))

export default {
  async fetch(request, env) {
    const credential = utf8.encode(request.headers.get('authorization') ?? '')
    const key = new Uint8Array(await crypto.subtle.digest('SHA-256', credential)).toHex()
    const published: unknown = await request.json()
    const events: FloorEvent[] = [published]
      .flat()
      .map((event) => ({ id: crypto.randomUUID(), body: JSON.stringify(event) }))
    await env.EVENTS.send(events)
    say({ event: 'request', requestId: crypto.randomUUID(), status: 202, key })
    return Response.json({ events: events.map(({ id }) => ({ id })) }, { status: 202 })
  },

  async queue(batch, env) {
    const events = batch.messages.flatMap(({ body }) => body)
    await env.DB.prepare('SELECT value FROM json_each(?)').bind('["bench.event"]').raw()
    let next = 0
    const lane = async () => {
      for (let event = events[next]; event !== undefined; event = events[next]) {
        next += 1
        await deliver(event, env.TARGET_URL)
        say({ event: 'attempt', eventId: event.id, outcome: 'delivered', statusCode: 204 })
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    const text = JSON.stringify(events)
    await Promise.all(['webhook', 'tenant'].map((name) => env.MEMORIES.getByName(name).write(text)))
    batch.ackAll()
  },
} satisfies ExportedHandler<BareEnv, FloorEvent[]>
