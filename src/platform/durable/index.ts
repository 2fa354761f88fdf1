// The Durable Objects behind the engine's ports: their cursors are read here, so that a bad one is refused before
// it travels.

import { CURSORS } from '../../engine/cursor.ts'
import type { DeploymentJobs, EventLog, Monitor } from '../../engine/ports.ts'
import type { Env } from '../env.ts'
import { readAttemptCursor, readDivertedCursor, readEventCursor } from './cursor.ts'

export function createMonitors({
  MONITORS,
}: Pick<Env, 'MONITORS'>): (webhookId: string) => Monitor {
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

export function createEventLogs({
  EVENT_LOGS,
}: Pick<Env, 'EVENT_LOGS'>): (tenantId: string) => EventLog {
  return (tenantId) => {
    const stub = EVENT_LOGS.getByName(tenantId)
    return {
      append: (_, events) => stub.append(events),
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

/** There is one of these objects. */
const DEPLOYMENT = 'deployment'

export function createDeploymentJobs({
  DEPLOYMENT_JOBS,
}: Pick<Env, 'DEPLOYMENT_JOBS'>): DeploymentJobs {
  const stub = () => DEPLOYMENT_JOBS.getByName(DEPLOYMENT)
  return {
    start: (id, request) => stub().start(id, request),
    find: (id) => stub().find(id),
    list: (page) => stub().list(page),
    cancel: (id) => stub().cancel(id),
  }
}
