// What queues and the clock set in motion.

import { DAY_MS, startOfDay } from '../../primitives/time.ts'
import { ACTIVITY, RETENTION } from '../../retention.ts'
import { INVOCATION } from '../../tuning.ts'
import type { Consumers, Webhooks } from '../api.ts'
import { deleteIdle } from '../configuration/idle-webhooks.ts'
import { mailWaitingNotices } from '../notifications/notices.ts'
import type { Ports } from '../ports/index.ts'
import { buryDeliveries, buryEvents } from './dead-letter-consumers.ts'
import { consumeDeliveries } from './deliveries-consumer.ts'
import { consumeEvents } from './events-consumer.ts'
import { sweepEventLogs } from './sweep.ts'
import { withTimeouts } from './with-timeout.ts'

/** `deleteWebhook`: deletes one in the name of Hookline. */
export function createConsumers(ports: Ports, deleteWebhook: Webhooks['delete']): Consumers {
  const bounded = withTimeouts(ports, INVOCATION.callMs)
  return {
    events: (messages) => consumeEvents(messages, bounded),
    deliveries: (messages) => consumeDeliveries(messages, 'fast', bounded),
    slowDeliveries: (messages) => consumeDeliveries(messages, 'slow', bounded),
    deadEvents: (messages) => buryEvents(messages, bounded),
    deadDeliveries: (messages) => buryDeliveries(messages, bounded),
    async sweep() {
      const now = ports.clock()
      const limit = RETENTION.pruneRows
      let pruned = 0
      let deleted: number
      do {
        deleted = await ports.deduplication.prune(now, limit)
        pruned += deleted
      } while (deleted === limit)
      const calls = await ports.idempotency.prune(now, limit)
      await ports.sessions.prune(now)
      await ports.portalLinks.prune(now)
      await mailWaitingNotices(ports)
      await deleteIdle(deleteWebhook, ports)
      const letters = await ports.deadLetters.prune(now - RETENTION.deadLetterSeconds * 1_000)
      await ports.tenantJobs.prune(now - RETENTION.eventSeconds * 1_000)
      const today = startOfDay(now)
      const { openDays, keptDays } = ACTIVITY
      await ports.activity.close(today - openDays * DAY_MS, today - keptDays * DAY_MS)
      const eventLogs = await sweepEventLogs(ports)
      const auditBefore = now - RETENTION.auditSeconds * 1_000
      let entries: number
      do entries = await ports.audit.prune(auditBefore, RETENTION.auditRows)
      while (entries === RETENTION.auditRows)
      ports.log({
        event: 'swept',
        deduplicationKeys: pruned + calls,
        deadLetters: letters,
        eventLogs,
      })
    },
  }
}
