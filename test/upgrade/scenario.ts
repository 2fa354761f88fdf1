// A deployment with a little of everything, as its users left it: what test/upgrade/fixtures holds of each version.

import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import { toDeliveryText } from '../../src/engine/messages/delivery-message.ts'
import type { Event, FailureHandling, Webhook, WebhookDraft } from '../../src/engine/model/index.ts'
import type { DeliveryMessage, Report } from '../../src/engine/ports/index.ts'
import { anEvent, type Bench, failedWith, handledBy } from '../fixtures/bench.ts'
import { openPlatformBench } from '../fixtures/platform-bench.ts'
import { type Snapshot, takeSnapshot } from './snapshot.ts'

/** What a test must know of a snapshot to ask for it. */
export interface Recorded {
  readonly snapshot: Snapshot
  readonly tenantId: string
  /** A token of the tenant. */
  readonly token: string
  readonly webhookIds: Readonly<Record<string, string>>
  readonly eventIds: Readonly<Record<string, string>>
  readonly jobIds: Readonly<Record<string, string>>
  /** Texts of the queues, by what they do. */
  readonly messages: {
    readonly events: Readonly<Record<string, string>>
    readonly deliveries: Readonly<Record<string, string>>
  }
}

const DAYS = { type: 'schedule', delaysSeconds: [3_600, 86_400] } as const
const keep: FailureHandling = handledBy({ retry: DAYS, suspend: null })
const giveUp: FailureHandling = handledBy({ retry: null, suspend: null })
const suspendAtOnce = handledBy({ retry: null, suspend: { afterSeconds: 0, afterFailures: 1 } })

/** Makes it, and takes it down. */
export async function record(): Promise<Recorded> {
  const bench = await openPlatformBench()
  const { tenantId, engine } = bench
  const { token } = await makeKey(bench)
  const make = (fields: Partial<WebhookDraft>) => bench.webhook(fields)
  const webhooks = {
    signed: await make({
      failureHandling: keep,
      secrets: {
        signing: [{ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', expiresAt: null }],
        headers: [['x-token', 'geheim']],
        attributes: {},
      },
    }),
    givenUp: await make({ failureHandling: giveUp, scope: { region: 'eu' } }),
    suspended: await make({ failureHandling: suspendAtOnce, eventTypes: ['user.*'] }),
    disabled: await make({ enabled: false }),
    resending: await make({ failureHandling: giveUp, eventTypes: ['order.paid'] }),
    pinned: await make({ failureHandling: keep, eventTypes: ['account.*'], version: '2026-01' }),
  } satisfies Record<string, Webhook>
  const events = {
    delivered: anEvent({ actor: 'ada', requestId: 'request-1' }),
    failing: anEvent(),
    diverted: anEvent({ scope: { region: 'eu' } }),
    suspending: anEvent({ type: 'user.made' }),
    orderOne: anEvent({ type: 'order.paid' }),
    orderTwo: anEvent({ type: 'order.paid' }),
    pinned: anEvent({
      ...{ type: 'account.made', data: '{"new": 1}' },
      versions: [
        { from: '', version: '2026-01', data: '{"old": 1.0}' },
        { from: '2026-11', version: '2026-11' },
      ],
    }),
    waiting: anEvent({ data: '{"n":12345678901234567890}' }),
  }
  // What the objects send does not reach the queue.
  const pending: string[] = []
  const sending = vi.spyOn(Object.getPrototypeOf(env.DELIVERIES), 'sendBatch')
  sending.mockImplementation(async (messages) => {
    pending.push(...(messages as { body: string }[]).map(({ body }) => body))
    throw new Error('The queue is down.')
  })
  await bench.consumeEvents([events.delivered])
  bench.respond = () => failedWith(500)
  await bench.consumeEvents([events.failing, events.diverted, events.pinned])
  await bench.consumeEvents([events.suspending, events.orderOne, events.orderTwo])
  const handedOver = bench.handedOver.map(({ message }) => message)

  const resend = await engine.webhooks.resendDiverted(bench.ref(webhooks.resending), {})
  const replay = await engine.webhooks.replay(bench.ref(webhooks.signed), {
    since: 0,
    until: null,
    onlyMissing: true,
  })
  await vi.waitFor(() => {
    if (!pending.some((text) => text.includes(resend.jobId))) throw new Error('No resend yet.')
    if (!pending.some((text) => text.includes(replay.jobId))) throw new Error('No replay yet.')
  })
  const messageOf = (part: string) => pending.find((text) => text.includes(part)) ?? ''
  const snapshot = await takeSnapshot({
    MONITORS: Object.values(webhooks).map(({ id }) => id),
    EVENT_LOGS: [tenantId],
    DEPLOYMENT_JOBS: [],
  })
  const retryOf = ({ id }: Event) => {
    const found = handedOver.find((one) => one.kind === 'deliver' && one.event.id === id)
    return found ? toDeliveryText(found) : ''
  }
  return {
    snapshot,
    tenantId,
    token,
    webhookIds: mapValues(webhooks, ({ id }) => id),
    eventIds: mapValues(events, ({ id }) => id),
    jobIds: { resend: resend.jobId, replay: replay.jobId },
    messages: {
      events: {
        published: bench.eventMessage([events.waiting]),
        rest: bench.eventMessage([events.waiting], {
          redelivered: true,
          webhookIds: [[webhooks.signed.id]],
        }),
      },
      deliveries: {
        retry: retryOf(events.failing),
        pinned: retryOf(events.pinned),
        resend: messageOf(resend.jobId),
        replay: messageOf(replay.jobId),
        record: toDeliveryText(aReport(bench, webhooks.signed)),
        notice: messageOf('webhook.suspended'),
        purge: toDeliveryText({ kind: 'purge', webhookId: webhooks.disabled.id }),
      },
    },
  }
}

async function makeKey({ engine, tenantId }: Bench): Promise<{ readonly token: string }> {
  const about = { name: 'upgrade', permissions: null, subject: null, expiresAt: null }
  const { key, secret } = await engine.administration.createKey(tenantId, about, null)
  return { token: `${key.id}.${secret}` }
}

function aReport({ tenantId }: Bench, { id: webhookId }: Webhook): DeliveryMessage {
  const at = Date.now()
  const event = anEvent()
  const report: Report = {
    id: event.id,
    tenantId,
    webhookId,
    failureHandling: keep,
    entries: [
      {
        kind: 'attempt',
        attempt: {
          ...{ id: event.id, eventId: event.id, eventType: event.type, run: '', attempt: 1, at },
          outcome: 'delivered',
          ...{ statusCode: 204, durationMs: 5, error: null, responseExcerpt: null },
          nextAttemptAt: null,
        },
        disposition: { kind: 'done' },
        event: null,
      },
    ],
  }
  return { kind: 'record', tenantId, webhookId, report }
}

function mapValues<T, U>(values: Readonly<Record<string, T>>, to: (value: T) => U) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, to(value)]))
}
