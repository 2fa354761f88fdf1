// The webhook monitors behind the engine's port: their cursors are read here, so that a bad one is refused before it travels.

import type { Monitor } from '../../engine/ports/index.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { readAttemptCursor, readDivertedCursor } from './cursor.ts'
import type { WebhookMonitor } from './webhook-monitor/webhook-monitor.ts'

export interface MonitorBinding {
  readonly MONITORS: DurableObjectNamespace<WebhookMonitor>
}

export function createMonitors({ MONITORS }: MonitorBinding): (webhookId: string) => Monitor {
  return (webhookId) => {
    // In each call: getting it may fail, as a call does.
    const stub = () => MONITORS.getByName(webhookId)
    return {
      report: (report) => stub().report(report),
      states: (keys) => stub().states(keys),
      statesOfEvents: (ids) => stub().statesOfEvents(ids),
      lastAnswers: (ids) => stub().lastAnswers(ids),
      async attempts(query) {
        const { items, next } = await stub().attempts(query, readAttemptCursor(query.cursor))
        return { items, nextCursor: next && CURSORS.attempts.write(...next) }
      },
      health: () => stub().health(),
      oldestUndelivered: () => stub().oldestUndelivered(),
      activity: (since) => stub().activity(since),
      resume: (tenantId, id) => stub().resume({ tenantId, id }),
      notePause: (pause) => stub().notePause(pause),
      noteRate: (told) => stub().noteRate(told),
      noteOrdering: (ordering) => stub().noteOrdering(ordering),
      noteBatching: (batching) => stub().noteBatching(batching),
      partsOf: (id) => stub().partsOf(id),
      lineUp: (deliveries) => stub().lineUp(deliveries),
      skipBlocked: (key) => stub().skipBlocked(key),
      permit: (ask) => stub().permit(ask),
      endRequest: (key) => stub().endRequest(key),
      cancel: (filter, from) => stub().cancel(filter, from),
      async diverted({ limit, cursor, offset = 0 }) {
        const before = readDivertedCursor(cursor)
        const { items, more } = await stub().diverted({ limit, offset, before })
        const last = items.at(-1)
        return { items, nextCursor: more && last ? CURSORS.diverted.write(last.event.id) : null }
      },
      erase: (ids) => stub().erase(ids),
      eraseExcerpt: (eventId, attemptId) => stub().eraseExcerpt(eventId, attemptId),
      findDiverted: (eventId) => stub().findDiverted(eventId),
      deleteDiverted: (eventId) => stub().deleteDiverted(eventId),
      expectDeletion: (ref) => stub().expectDeletion(ref),
      resend: (ref, event, asked) => stub().resend(ref, event, asked),
      resendDiverted: (ref, jobId, query) => stub().resendDiverted(ref, jobId, query),
      job: (id) => stub().job(id),
      cancelJob: (id) => stub().cancelJob(id),
      purge: () => stub().purge(),
    }
  }
}
