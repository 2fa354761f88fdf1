// Hookline under the meter: the Worker of src/worker.ts with every binding wrapped.

import type { Env } from '../../src/platform/env.ts'
import worker, {
  EventLog as PlainEventLog,
  WebhookMonitor as PlainWebhookMonitor,
} from '../../src/worker.ts'
import { meter, meteredEnv, meteredHandlers } from './meter.ts'
import { meterStorage } from './objects.ts'

export { Publisher } from '../../src/worker.ts'

export class WebhookMonitor extends PlainWebhookMonitor {
  constructor(ctx: DurableObjectState, env: Env) {
    super(meterStorage(ctx, meter), meteredEnv(env))
  }

  override alarm(): Promise<void> {
    meter.add('objectRequests')
    return super.alarm()
  }
}

export class EventLog extends PlainEventLog {
  constructor(ctx: DurableObjectState, env: Env) {
    super(meterStorage(ctx, meter), meteredEnv(env))
  }

  override alarm(): Promise<void> {
    meter.add('objectRequests')
    return super.alarm()
  }
}

export default meteredHandlers<Env>(worker, meteredEnv)
