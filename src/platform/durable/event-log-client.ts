// The event logs behind the engine's port. Their cursors are read here, so that a bad one is refused before it travels.

import type { ShardSchedule } from '../../engine/model/index.ts'
import type { Acceptance, AcceptRequest, EventLog, KnownWebhook } from '../../engine/ports/index.ts'
import { describeError } from '../../errors.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { log } from '../logger.ts'
import { readShards } from '../settings.ts'
import { shardedEventLogs } from '../shards/event-logs.ts'
import type { Vault } from '../vault.ts'
import { readEventCursor, readFirstAttemptCursor, readUnmatchedCursor } from './cursor.ts'
import type { EventLogObject } from './event-log/event-log.ts'
import { type Accepted, KnownWebhooks } from './known-webhooks.ts'
import { shardName } from './shard-name.ts'

export interface EventLogBinding {
  readonly EVENT_LOGS: DurableObjectNamespace<EventLogObject>
  readonly EVENT_LOG_SHARDS?: string
}

/** The event log of each tenant, in as many shards as the deployment says. */
export function createEventLogs(
  env: EventLogBinding,
  vault: Vault,
): (tenantId: string) => EventLog {
  const schedule = readShards(env)
  return shardedEventLogs(schedule, createShards(env, vault, schedule))
}

function createShards(
  { EVENT_LOGS }: EventLogBinding,
  vault: Vault,
  schedule: ShardSchedule,
): (tenantId: string, shard: number) => EventLog {
  const webhooks = new KnownWebhooks(vault)

  async function refresh(tenantId: string, name: string): Promise<void> {
    try {
      await EVENT_LOGS.getByName(name).refresh()
    } catch (error) {
      log({ event: 'change.unconfirmed', tenantId, error: describeError(error) })
    }
  }

  return (tenantId, shard) => {
    const name = shardName(tenantId, shard)
    // In each call: getting it may fail, as a call does.
    const stub = () => EVENT_LOGS.getByName(name)
    return {
      async accept(_, request) {
        const held = webhooks.heldOf(name)
        const answer = await stub().accept({ ...request, tenantId, held: [...held.keys()] })
        if (answer.kind !== 'accepted') return answer
        const known = await webhooks.learn(name, held, answer)
        const told = answer.webhooks.map(({ number }) => known.get(number))
        // The database may have them sealed anew, under a key that this isolate has.
        if (told.some((webhook) => webhook?.unreadable)) await refresh(tenantId, name)
        return toAcceptance(request, answer, known)
      },
      findKeys: (tenant, names) => stub().findKeys(tenant, names),
      claimKeys: (tenant, claims) => stub().claimKeys(tenant, claims),
      record: (outcomes) => stub().record(outcomes),
      firstOutcomes: (keys) => stub().firstOutcomes(keys),
      keepDeliveries: (webhookId, deliveries) => stub().keepDeliveries(webhookId, deliveries),
      keptDeliveries: (eventId, webhookIds) => stub().keptDeliveries(eventId, webhookIds),
      async firstAttempts(webhookId, query) {
        const from = readFirstAttemptCursor(query.cursor)
        const { items, next } = await stub().firstAttempts(webhookId, query, from)
        return { items, nextCursor: next === null ? null : CURSORS.firstAttempts.write(next) }
      },
      deliveredByHour: (webhookId, since) => stub().deliveredByHour(webhookId, since),
      successes: (webhookId, since) => stub().successes(webhookId, since),
      noteState: (webhookId, state) => stub().noteState(webhookId, state),
      announce: (tenant, changeId, isFenced) => stub().announce(tenant, changeId, isFenced),
      confirm: (changeId) => stub().confirm(changeId),
      addWebhooks: (eventIds, webhookIds) => stub().addWebhooks(eventIds, webhookIds),
      find: (id) => stub().find(id),
      cancelScheduled: (id) => stub().cancelScheduled(id),
      async unmatched(tenant, query) {
        const after = readUnmatchedCursor(query.cursor)
        const { items, more } = await stub().unmatched(tenant, query, after)
        const last = items.at(-1)
        const goesOn = more && last !== undefined
        return { items, nextCursor: goesOn ? CURSORS.unmatched.write(last.webhookId) : null }
      },
      async list(query) {
        const page = await stub().list(query, readEventCursor(query.cursor))
        const last = page.positions.at(-1)
        const goesOn = page.more || query.order === 'oldest'
        return { ...page, nextCursor: goesOn && last ? CURSORS.events.write(last) : null }
      },
      pull: (query) => stub().pull(query),
      listByRequest: (requestId, after, share) => stub().listByRequest(requestId, after, share),
      usage: (since) => stub().usage(since),
      delivered: (span) => stub().delivered(span),
      activity: (days) => stub().activity(days),
      replay: (tenant, jobId, request) => stub().replay(tenant, jobId, request),
      erase: (tenant, jobId, request) => stub().erase(tenant, jobId, request, { shard, schedule }),
      erasedAmong: (events) => stub().erasedAmong(events.map(({ id, scope }) => ({ id, scope }))),
      noteJob: (_, entry) => stub().noteJob(entry),
      jobs: (page) => stub().jobs(page),
      job: (id) => stub().job(id),
      cancelJob: (id) => stub().cancelJob(id),
      sweep: () => stub().sweep(),
      purge: () => stub().purge(),
      revive: () => stub().revive(),
    }
  }
}

function toAcceptance(
  { submissions }: AcceptRequest,
  { answers, deliveries }: Accepted,
  known: ReadonlyMap<number, KnownWebhook>,
): Acceptance {
  return {
    kind: 'accepted',
    answers,
    deliveries: deliveries.flatMap(({ index, mayHaveBegun, webhooks: numbers }) => {
      const event = submissions[index]?.event
      const webhooks = numbers.flatMap((number) => known.get(number) ?? [])
      return event === undefined ? [] : [{ event, mayHaveBegun, webhooks }]
    }),
  }
}
