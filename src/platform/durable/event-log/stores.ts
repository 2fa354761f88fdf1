// The tables of one event log, opened together.

import { lastOf, withFirstOutcome } from '../../../engine/health/runs.ts'
import type { FirstOutcome } from '../../../engine/model/index.ts'
import type { Bindings } from '../../bindings.ts'
import { log } from '../../logger.ts'
import { senderTo } from '../../queues/first-batch.ts'
import { inTime } from '../in-time.ts'
import { JobStore } from '../job-store.ts'
import { type MigratedStorage, migrate } from '../migrate.ts'
import { StoredOutbox } from '../outbox.ts'
import { CopyStore } from './copy-store.ts'
import { type ErasureEnv, Erasures } from './erasures.ts'
import { EventStore } from './event-store.ts'
import { KeptDeliveries } from './kept-deliveries.ts'
import { KeyTables } from './key-tables.ts'
import { OrderedEvents } from './ordered-events.ts'
import { OutcomeStore } from './outcome-store.ts'
import { Replays } from './replays.ts'
import { ScheduledEvents } from './scheduled-events.ts'
import { EVENT_LOG_SCHEMA } from './schema.ts'
import { Untended } from './untended.ts'

/** It asks the webhook monitors what was delivered, and tells them and the other shards what is erased. */
export type Surroundings = Bindings & ErasureEnv

export type EventLogStores = ReturnType<typeof openEventLogStores>

/** The stores on storage that is brought up to date first. `transact` writes in one transaction. */
export function openEventLogStores(
  storage: MigratedStorage,
  env: Surroundings,
  transact: (write: () => void) => void,
) {
  migrate(storage, EVENT_LOG_SCHEMA)
  const { sql } = storage
  const events = new EventStore(sql)
  const outcomes = new OutcomeStore(storage)
  const jobs = new JobStore(sql)
  const toAccepted = senderTo(env, 'ACCEPTED')
  const toDeliveries = senderTo(env, 'DELIVERIES')
  const sendAccepted = (texts: readonly string[]) => inTime(toAccepted(texts))
  const untended = new Untended(sql, { events, outcomes, send: sendAccepted, transact })

  const copy = new CopyStore(sql, (days) => erasures.retain(days))
  const keys = new KeyTables(sql)
  const outbox = new StoredOutbox(sql, sendAccepted)
  const scheduled = new ScheduledEvents(sql)
  const erasures = new Erasures(sql, env, {
    ...{ events, jobs, outbox, transact },
    ...{ keys, scheduled },
    tenantId: () => copy.tenantId,
  })

  /** Others than its publish sent events to webhooks: what comes of that their monitors know. */
  function addWebhooks(eventIds: readonly string[], webhookIds: readonly string[]): void {
    const added = events.addWebhooks(eventIds, webhookIds)
    const now = Date.now()
    erasures.tellAgain(added, now)
    const handedOver = added.flatMap(({ id: eventId, type: eventType, webhookIds }) =>
      webhookIds.map((webhookId): FirstOutcome => {
        return { eventId, eventType, webhookId, at: now, delivered: null }
      }),
    )
    if (handedOver.length > 0) outcomes.add(handedOver, untended.watermark, now)
  }

  /** Moves some of what waits to segments. */
  function compact(now: number): void {
    const rows = outcomes.compact(now)
    if (rows > 0) log({ event: 'outcomes.unreadable', rows })
  }

  return {
    events,
    outcomes,
    compact,
    untended,
    jobs,
    addWebhooks,
    copy,
    erasures,
    scheduled,
    kept: new KeptDeliveries(sql),
    keys,
    ordered: new OrderedEvents(sql),
    outbox,
    replays: new Replays(sql, {
      events,
      jobs,
      addWebhooks,
      tenantDays: () => copy.retentionDays,
      statesOf: async (webhookId, eventIds) => {
        const states = await inTime(env.MONITORS.getByName(webhookId).statesOfEvents(eventIds))
        const noted = outcomes.find(eventIds.map((eventId) => ({ eventId, webhookId })))
        return states.map((state, index) => {
          const first = noted.get(`${eventIds[index]}/${webhookId}`)
          return first ? withFirstOutcome(state, first) : state
        })
      },
      answersOf: async (webhookId, eventIds) => {
        const told = await inTime(env.MONITORS.getByName(webhookId).lastAnswers(eventIds))
        const noted = outcomes.find(eventIds.map((eventId) => ({ eventId, webhookId })))
        return told.map((answer, index) =>
          lastOf(answer, noted.get(`${eventIds[index]}/${webhookId}`)),
        )
      },
      send: (texts) => inTime(toDeliveries(texts)),
    }),
  }
}
