// The tables of one event log, opened together.

import type { Bindings } from '../../bindings.ts'
import { sendFirstBatch } from '../../queues/first-batch.ts'
import { inTime } from '../in-time.ts'
import { JobStore } from '../job-store.ts'
import { type MigratedStorage, migrate } from '../migrate.ts'
import { StoredOutbox } from '../outbox.ts'
import type { WebhookMonitor } from '../webhook-monitor/webhook-monitor.ts'
import { EventStore } from './event-store.ts'
import { Replays } from './replays.ts'
import { EVENT_LOG_SCHEMA } from './schema.ts'

/** It asks the webhook monitors what was delivered. */
export interface Surroundings extends Bindings {
  readonly MONITORS: DurableObjectNamespace<WebhookMonitor>
}

export type EventLogStores = ReturnType<typeof openEventLogStores>

/** The stores on storage that is brought up to date first. */
export function openEventLogStores(storage: MigratedStorage, env: Surroundings) {
  migrate(storage, EVENT_LOG_SCHEMA)
  const { sql } = storage
  const events = new EventStore(sql)
  const jobs = new JobStore(sql)
  return {
    events,
    jobs,
    outbox: new StoredOutbox(sql, (texts) => inTime(sendFirstBatch(env.ACCEPTED, texts))),
    replays: new Replays(sql, {
      events,
      jobs,
      statesOf: (id, eventIds) => inTime(env.MONITORS.getByName(id).statesOfEvents(eventIds)),
      send: (texts) => inTime(sendFirstBatch(env.DELIVERIES, texts)),
    }),
  }
}
