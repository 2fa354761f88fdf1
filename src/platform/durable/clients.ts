// The Durable Objects behind the engine's ports: their cursors are read here, so that a bad one is refused before
// it travels.

import type { EventLog, Monitor } from '../../engine/ports/index.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { readAttemptCursor, readDivertedCursor, readEventCursor } from './cursor.ts'
import type { EventLogObject } from './event-log/event-log.ts'
import type { WebhookMonitor } from './webhook-monitor/webhook-monitor.ts'

export interface MonitorBinding {
  readonly MONITORS: DurableObjectNamespace<WebhookMonitor>
}

export interface EventLogBinding {
  readonly EVENT_LOGS: DurableObjectNamespace<EventLogObject>
}

export function createMonitors({ MONITORS }: MonitorBinding): (webhookId: string) => Monitor {
  return (webhookId) => {
    const stub = MONITORS.getByName(webhookId)
    return {
      report: (report) => stub.report(report),
      states: (keys) => stub.states(keys),
      statesOfEvents: (ids) => stub.statesOfEvents(ids),
      async attempts(query) {
        const { items, next } = await stub.attempts(query, readAttemptCursor(query.cursor))
        return { items, nextCursor: next && CURSORS.attempts.write(...next) }
      },
      health: () => stub.health(),
      resume: (tenantId, id) => stub.resume({ tenantId, id }),
      async diverted({ limit, cursor, offset = 0 }) {
        const before = readDivertedCursor(cursor)
        const { items, more } = await stub.diverted({ limit, offset, before })
        const last = items.at(-1)
        return { items, nextCursor: more && last ? CURSORS.diverted.write(last.event.id) : null }
      },
      findDiverted: (eventId) => stub.findDiverted(eventId),
      deleteDiverted: (eventId) => stub.deleteDiverted(eventId),
      expectDeletion: (ref) => stub.expectDeletion(ref),
      resend: (ref, event, wasMatched) => stub.resend(ref, event, wasMatched),
      resendDiverted: (ref, jobId, query) => stub.resendDiverted(ref, jobId, query),
      job: (id) => stub.job(id),
      cancelJob: (id) => stub.cancelJob(id),
      purge: () => stub.purge(),
    }
  }
}

export function createEventLogs({ EVENT_LOGS }: EventLogBinding): (tenantId: string) => EventLog {
  return (tenantId) => {
    const stub = EVENT_LOGS.getByName(tenantId)
    return {
      append: (_, events) => stub.append(events),
      addWebhooks: (eventIds, webhookIds) => stub.addWebhooks(eventIds, webhookIds),
      find: (id) => stub.find(id),
      async list(query) {
        const { items, more } = await stub.list(query, readEventCursor(query.cursor))
        const last = items.at(-1)
        const goesOn = more || query.order === 'oldest'
        return { items, nextCursor: goesOn && last ? CURSORS.events.write(last.id) : null }
      },
      listByRequest: (requestId, after) => stub.listByRequest(requestId, after),
      replay: (tenant, jobId, request) => stub.replay(tenant, jobId, request),
      noteJob: (_, entry) => stub.noteJob(entry),
      jobs: (page) => stub.jobs(page),
      job: (id) => stub.job(id),
      cancelJob: (id) => stub.cancelJob(id),
      purge: () => stub.purge(),
      revive: () => stub.revive(),
    }
  }
}
