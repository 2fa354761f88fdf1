// Events as a user's key has them: those that reached a webhook it sees, whoever published them. One that it published
// itself and that no such webhook wanted is not among them: what was sent nowhere is the tenant's to read.

import { EngineError, notFound } from '../../errors.ts'
import { LOG } from '../../tuning.ts'
import type { Events, Webhooks } from '../api.ts'
import { type LoggedEvent, NO_ACTIVITY } from '../model/index.ts'
import { isVisible, type Visibility } from './visibility.ts'

/** Every call of `Events`, or it does not compile. `webhooks` are those that are seen. */
export function eventsSeen(all: Events, webhooks: Webhooks, visibility: Visibility): Events {
  /** Which of these events are seen, each with the webhooks that are. */
  const readView = async (tenantId: string) => {
    const ids = new Set(await webhooks.listIds({ tenantId }))
    return (events: readonly LoggedEvent[]): readonly LoggedEvent[] =>
      events
        .map(({ pullWebhookIds, ...event }) => ({
          ...event,
          webhookIds: event.webhookIds.filter((id) => ids.has(id)),
          ...(pullWebhookIds && { pullWebhookIds: pullWebhookIds.filter((id) => ids.has(id)) }),
        }))
        .filter(
          ({ webhookIds, pullWebhookIds = [] }) => webhookIds.length + pullWebhookIds.length > 0,
        )
  }

  const get = async (tenantId: string, id: string): Promise<LoggedEvent> => {
    const view = await readView(tenantId)
    const [event] = view([await all.get(tenantId, id)])
    if (event === undefined) throw notFound('event')
    return event
  }

  return {
    publish: all.publish,
    get,

    async findId(tenantId, deduplicationKey) {
      const id = await all.findId(tenantId, deduplicationKey)
      if (id !== null) await get(tenantId, id)
      return id
    },

    async list(tenantId, query) {
      const view = await readView(tenantId)
      let { cursor } = query
      for (let reads = 1; ; reads += 1) {
        const page = await all.list(tenantId, { ...query, cursor })
        const items = view(page.items)
        const isEnd = page.nextCursor === null
        // Oldest first, the end is where what comes later is read on from: not again over what was not seen.
        const nextCursor = page.nextCursor ?? (query.order === 'oldest' ? (cursor ?? null) : null)
        if (items.length > 0 || isEnd || reads >= LOG.unseenPages) return { items, nextCursor }
        cursor = page.nextCursor ?? undefined
      }
    },

    async deliveries(tenantId, id) {
      const { webhookIds, pullWebhookIds = [] } = await get(tenantId, id)
      const ids = [...webhookIds, ...pullWebhookIds]
      const deliveries = await all.deliveries(tenantId, id)
      return deliveries.filter(({ webhookId }) => ids.includes(webhookId))
    },

    async unmatched(tenantId, id, page) {
      await get(tenantId, id)
      return all.unmatched(tenantId, id, { ...page, owners: visibility.owners })
    },

    async listByRequest(tenantId, requestId, after) {
      const view = await readView(tenantId)
      // A page that shows nothing names no event to go on behind, so it is not answered while others follow.
      for (let behind = after; ; ) {
        const { items, more } = await all.listByRequest(tenantId, requestId, behind)
        const seen = view(items)
        const last = items.at(-1)
        if (seen.length > 0 || !more || last === undefined) return { items: seen, more }
        behind = last.id
      }
    },

    // Whom it is for is not known yet: it is the tenant's to cancel.
    async cancel(tenantId, id) {
      await get(tenantId, id)
      throw new EngineError('forbidden', 'A key with a subject cannot cancel an event.')
    },

    // Its content is other users', too.
    async expunge(tenantId, ids) {
      await Promise.all(ids.map((id) => get(tenantId, id)))
      throw new EngineError(
        'forbidden',
        'A key with a subject cannot expunge the content of an event.',
      )
    },

    // Nobody counts what of it was whose.
    usage: async () => [],
    activity: async () => ({
      ...{ hours: [], today: NO_ACTIVITY, failing: 0, held: 0 },
      oldestUndeliveredAt: null,
    }),

    async resend(tenantId, id, webhookId) {
      await get(tenantId, id)
      if (webhookId !== null) await webhooks.get({ tenantId, id: webhookId })
      return all.resend(tenantId, id, webhookId, (webhook) => isVisible(webhook, visibility))
    },
  }
}
