// Hookline under the meter: the Worker of src/worker.ts with every binding wrapped.

import type { Env } from '../../src/platform/env.ts'
import worker, {
  EventLog as PlainEventLog,
  WebhookMonitor as PlainWebhookMonitor,
} from '../../src/worker.ts'
import { copyWebhook } from './copies.ts'
import { accepts, records } from './gathering.ts'
import { logsQueue, monitorsQueue, sentByObjects } from './held-queue.ts'
import { meter, meteredEnv, meteredHandlers } from './meter.ts'
import { meterStorage } from './objects.ts'
import { noteOutcomes } from './outcomes.ts'

export { DeploymentJobs, Publisher } from '../../src/worker.ts'

export class WebhookMonitor extends PlainWebhookMonitor {
  constructor(ctx: DurableObjectState, env: Env) {
    const sending = { ...env, DELIVERIES: sentByObjects(env.DELIVERIES, monitorsQueue) }
    super(meterStorage(ctx, meter), meteredEnv(sending))
  }

  override alarm(): Promise<void> {
    meter.add('objectRequests')
    return super.alarm()
  }
}

export class EventLog extends PlainEventLog {
  constructor(ctx: DurableObjectState, env: Env) {
    const sending = { ...env, ACCEPTED: sentByObjects(env.ACCEPTED, logsQueue) }
    super(meterStorage(ctx, meter), meteredEnv(sending))
  }

  override async accept(...call: Parameters<PlainEventLog['accept']>) {
    await accepts.join()
    return super.accept(...call)
  }

  override async record(...call: Parameters<PlainEventLog['record']>) {
    await records.join()
    return super.record(...call)
  }

  override alarm(): Promise<void> {
    meter.add('objectRequests')
    return super.alarm()
  }
}

const metered = meteredHandlers<Env>(worker, meteredEnv)

/** What only a benchmark asks for. */
const ROUTES = new Map<string, (request: Request, env: Env) => Promise<void>>([
  [
    // `?webhook=…&copies=…`
    '/bench/copies',
    ({ url }, { DB }) => {
      const { searchParams } = new URL(url)
      const copies = Number(searchParams.get('copies'))
      return copyWebhook(DB, searchParams.get('webhook') ?? '', copies)
    },
  ],
  // A `Filling`.
  ['/bench/outcomes', async (request, env) => noteOutcomes(env, await request.json())],
])

export default {
  ...metered,
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const route = ROUTES.get(new URL(request.url).pathname)
    if (route === undefined) return metered.fetch(request, env, ctx)
    await route(request, env)
    return new Response(null, { status: 204 })
  },
}
