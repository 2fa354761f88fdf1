// What became of a webhook's events, as its owner asks for it: attempts, health, what was diverted, and sending it again.

import { EngineError, notFound } from '../../errors.ts'
import { newId } from '../../primitives/ids.ts'
import { LOG } from '../../tuning.ts'
import type { Webhooks } from '../api.ts'
import { failureHandlingOf } from '../attempt/failure-handling.ts'
import { unavailableReason } from '../attempt/target.ts'
import { suspendsAt } from '../health/health.ts'
import { toHealthReport } from '../health/health-report.ts'
import {
  addHours,
  firstHour,
  type Health,
  isPull,
  type JobReceipt,
  lastHours,
  type Webhook,
} from '../model/index.ts'
import type { DivertedQuery, Monitor, Ports, WebhookRef } from '../ports/index.ts'
import { listAttempts } from './attempt-list.ts'
import { refusePull } from './pull.ts'
import { watchAttempts } from './watch-attempts.ts'

type WebhookLog = Pick<
  Webhooks,
  | 'attempts'
  | 'watch'
  | 'expungeAttempt'
  | 'health'
  | 'activity'
  | 'diverted'
  | 'getDiverted'
  | 'deleteDiverted'
  | 'resendOneDiverted'
  | 'resendDiverted'
  | 'cancel'
  | 'replay'
>

/** `get` rejects for a webhook that there is not: monitors know of no tenants. */
export function createWebhookLog(
  ports: Ports,
  get: (ref: WebhookRef) => Promise<Webhook>,
): WebhookLog {
  const { clock, monitor, settings } = ports

  const startResend = async (ref: WebhookRef, query: DivertedQuery): Promise<JobReceipt> => {
    const { tenantId, id: webhookId } = ref
    const createdAt = clock()
    const jobId = newId(createdAt)
    // First: whoever dies between leaves a job that says it was not begun, not one that nobody can find.
    const entry = { id: jobId, kind: 'resend', webhookId, createdAt, progress: null } as const
    await ports.eventLog(tenantId).noteJob(tenantId, entry)
    await ports.tenantJobs.note({ id: jobId, tenantId })
    const queued = await monitor(webhookId).resendDiverted(
      { tenantId, id: webhookId },
      jobId,
      query,
    )
    return { jobId, queued }
  }

  /** Of a webhook that has not failed since its last success nothing is asked. */
  const latestFailure = async (ref: WebhookRef, { failingSince }: Pick<Health, 'failingSince'>) => {
    if (failingSince === null) return null
    const since = { outcome: 'failed', after: failingSince - 1, limit: 1 } as const
    const { items } = await monitor(ref.id).attempts(since)
    return items[0] ?? null
  }

  return {
    async attempts(ref, query) {
      await get(ref)
      return listAttempts(ref, query, ports)
    },
    watch: (tenantId) => watchAttempts(tenantId, ports),
    async expungeAttempt(ref, { id, eventId }) {
      await get(ref)
      await monitor(ref.id).eraseExcerpt(eventId, id)
    },
    async health(ref) {
      const webhook = await get(ref)
      const since = clock() - LOG.healthWindowSeconds * 1_000
      const [told, noted] = await Promise.all([
        monitor(ref.id).health(),
        ports.eventLog(ref.tenantId).successes(ref.id, since),
      ])
      const report = toHealthReport(told, noted)
      const { suspend } = failureHandlingOf(webhook, ports.dialectRuntimes)
      const rules = { suspend, delayScale: settings.delayScale }
      // Nothing fails where nothing is sent.
      const canFail =
        report.health.suspendedAt === null && unavailableReason(webhook, ports) === null
      return {
        ...report,
        suspendsAt: canFail ? suspendsAt(report.health, rules) : null,
        latestFailure: await latestFailure(ref, report.health),
        webhook,
        consumers: isPull(webhook) ? await ports.pullConsumers.list(ref) : null,
      }
    },
    async activity(ref) {
      await get(ref)
      const now = clock()
      const [told, noted] = await Promise.all([
        monitor(ref.id).activity(firstHour(now)),
        ports.eventLog(ref.tenantId).deliveredByHour(ref.id, firstHour(now)),
      ])
      return lastHours(addHours([told, noted]), now)
    },
    async diverted(ref, page) {
      await get(ref)
      return monitor(ref.id).diverted(page)
    },
    async getDiverted(ref, eventId) {
      await get(ref)
      const diverted = await monitor(ref.id).findDiverted(eventId)
      if (diverted === null) throw notFound('diverted event')
      return diverted
    },
    async deleteDiverted(ref, eventId) {
      await get(ref)
      if (!(await monitor(ref.id).deleteDiverted(eventId))) throw notFound('diverted event')
    },
    async resendOneDiverted(ref, eventId) {
      refusePull(await get(ref))
      // Before there is a job: one about nothing is none that anybody was told of.
      if ((await monitor(ref.id).findDiverted(eventId)) === null) throw notFound('diverted event')
      const started = await startResend(ref, { eventId })
      if (started.queued === 0) throw notFound('diverted event')
      return started
    },
    async resendDiverted(ref, query) {
      refusePull(await get(ref))
      return startResend(ref, query)
    },
    async cancel(ref, filter) {
      refusePull(await get(ref))
      let cancelled = 0
      let next: string | null = null
      for (let step = 0; step < LOG.cancelSteps; step += 1) {
        const done: Awaited<ReturnType<Monitor['cancel']>> = await monitor(ref.id).cancel(
          filter,
          next,
        )
        cancelled += done.cancelled
        next = done.next
        if (next === null) break
      }
      const { tenantId, id: webhookId } = ref
      ports.log({ event: 'deliveries.cancelled', tenantId, webhookId, deliveries: cancelled })
      return { cancelled, more: next !== null }
    },
    async replay(ref, filter) {
      const webhook = await get(ref)
      refusePull(webhook)
      const { id: webhookId, eventTypes, scope, channels } = webhook
      const jobId = newId(clock())
      await ports.tenantJobs.note({ id: jobId, tenantId: ref.tenantId })
      const answer = await ports.eventLog(ref.tenantId).replay(ref.tenantId, jobId, {
        ...filter,
        until: filter.until ?? clock(),
        ...{ webhookId, eventTypes, scope, channels },
      })
      if (answer !== 'busy') return { jobId, queued: null }
      const message = `This tenant already has ${LOG.replays} running replays, which is the maximum. Wait for one to finish.`
      throw new EngineError('limit_reached', message)
    },
  }
}
