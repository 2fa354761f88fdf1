// Events that consumers of a webhook read themselves. In: where one of them stands; out: requests as they would have been sent, made now
// from the tenant's log and the webhook as it was when each event was accepted, and where it stands then. Nothing is written but by a
// commit.

import { EngineError, invalid, notFound } from '../../errors.ts'
import { RETENTION_DAYS } from '../../limits.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { DAY_MS } from '../../primitives/time.ts'
import { PULL } from '../../tuning.ts'
import type { Pulled, PulledItem, Pulling } from '../api/pulling.ts'
import { toRequest } from '../attempt/request.ts'
import { type Target, toTarget } from '../attempt/target.ts'
import { StepBudget } from '../expressions/step-budget.ts'
import {
  isExpunged,
  isPull,
  type LoggedEvent,
  PULLING,
  readUntil,
  shardCount,
  type Webhook,
} from '../model/index.ts'
import type { Ports, PullPage, WebhookRef } from '../ports/index.ts'

type PullPorts = Pick<
  Ports,
  'clock' | 'dialectRuntimes' | 'eventLog' | 'pullConsumers' | 'settings' | 'timer' | 'webhooks'
>

export function createPulling(ports: PullPorts): Pulling {
  const { clock, eventLog, pullConsumers, webhooks } = ports

  const find = async (ref: WebhookRef) => {
    const [webhook] = await webhooks.findByRef([ref])
    if (webhook === undefined) throw notFound('webhook')
    if (!isPull(webhook)) throw new EngineError('conflict', NOT_PULLED)
    return webhook
  }

  return {
    async pull(ref, { cursor, consumer, since, limit, waitMs, wants = () => true }) {
      const webhook = await find(ref)
      await notePull(webhook, ports)
      const known = consumer === undefined ? null : await pullConsumers.find(ref, consumer)
      const begun = cursor === undefined ? (known?.position ?? null) : readCursor(cursor, clock())
      const days = webhook.tenantRetentionDays ?? RETENTION_DAYS.unlessTold
      if (begun !== null && readUntil(begun) < clock() - days * DAY_MS) throw tooOld()
      const target = withoutOwnHeaders(toTarget(webhook, ports))
      // Whoever accepts knows of it a little later, by another clock.
      const from = since ?? Math.max(0, webhook.createdAt - PULL.idleMs)
      const query = { webhookId: ref.id, since: from, limit }
      const steps = new StepBudget()
      const endsAt = clock() + waitMs
      let position = begun ?? positionAt(from, ports)
      let pauseMs: number = PULL.firstPauseMs
      for (let looks = 1; ; looks += 1) {
        const page = await eventLog(ref.tenantId).pull({ ...query, position })
        const pulled = await toPulled({ page, position, wants, target, steps }, ports)
        if (pulled.items.length > 0 || pulled.isPostponed) return pulled
        position = page.position
        const leftMs = endsAt - clock()
        const isOver = leftMs <= 0
        if (pulled.more) {
          if (looks >= PULL.looks && isOver) return pulled
          continue
        }
        if (isOver) return pulled
        await ports.timer(Math.min(pauseMs, leftMs)).over
        pauseMs = Math.min(2 * pauseMs, PULL.mostPauseMs)
      }
    },
    async cursorAt(ref, since) {
      await find(ref)
      if (isAhead(since, clock())) throw invalid(['since'], 'A time that has not come.')
      return writeCursor(positionAt(since, ports))
    },
    async commitPull(ref, { consumer, cursor }) {
      await find(ref)
      const position = readCursor(cursor, clock())
      const next = { name: consumer, position, committedAt: clock() }
      if ((await pullConsumers.put(ref, next, PULLING.consumers)) === 'kept') return
      const message = `This webhook already has ${PULLING.consumers} consumers, which is the maximum. Delete one first.`
      throw new EngineError('limit_reached', message)
    },
    async deletePullConsumer(ref, name) {
      await find(ref)
      if (!(await pullConsumers.delete(ref, name))) throw notFound('consumer')
    },
  }
}

const NOT_PULLED = 'Events are sent to this webhook; only those of a pull webhook can be read.'
const EXPUNGED = 'The content of the event was expunged.'

/** Notes that somebody reads, of a webhook that is deleted when nobody does; seldom enough to cost nothing. */
async function notePull(
  { tenantId, id, deleteAfterIdleSeconds, pulledAt }: Webhook,
  { clock, webhooks }: Pick<Ports, 'clock' | 'webhooks'>,
): Promise<void> {
  const now = clock()
  if (deleteAfterIdleSeconds == null || now - (pulledAt ?? 0) < PULLING.notedMs) return
  await webhooks.notePull({ tenantId, id }, now)
}

/** Refuses what is about requests to a receiver for a webhook that has none. */
export function refusePull(webhook: Parameters<typeof isPull>[0]): void {
  if (!isPull(webhook)) return
  const message = 'Nothing is sent to a pull webhook: its consumers read its events themselves.'
  throw new EngineError('conflict', message)
}

function tooOld(): EngineError {
  const message =
    'The cursor is older than the events that are kept: some may be missing. Go on without a cursor, from the oldest event that is kept.'
  return new EngineError('gone', message)
}

/** Throws `invalid` for what is none, and for one that is ahead by more than any clock: nothing would be read behind it. */
function readCursor(cursor: string, now: number): string {
  const [position] = CURSORS.pull.read(cursor) ?? []
  if (position === undefined) throw invalid(['cursor'], 'Not a cursor of this list.')
  if (!isAhead(readUntil(position), now)) return position
  throw invalid(['cursor'], 'A cursor of a time that has not come.')
}

const isAhead = (time: number, now: number) => time > now + DAY_MS

/** Behind what was accepted before a time (Unix milliseconds). */
function positionAt(since: number, { settings }: Pick<Ports, 'settings'>): string {
  return Array.from({ length: shardCount(settings.shards) }, () => Math.max(0, since) * 1_000).join(
    '_',
  )
}

const writeCursor = (position: string) => CURSORS.pull.write(position)

/** What its owner configured for the requests to a receiver is not for whoever reads. */
function withoutOwnHeaders(target: Target): Target {
  const { webhook } = target
  if (webhook.unreadable) return target
  return { ...target, webhook: { ...webhook, secrets: { ...webhook.secrets, headers: [] } } }
}

interface Look {
  /** Where it began, and what was found from there on. */
  readonly position: string
  readonly page: PullPage
  readonly wants: (event: LoggedEvent) => boolean
  readonly target: Target
  readonly steps: StepBudget
}

/** Ends where expressions have taken the steps of one call (`isPostponed`): the next one goes on there. */
async function toPulled(
  { position: begun, page, wants, target, steps }: Look,
  ports: PullPorts,
): Promise<Pulled & { readonly isPostponed: boolean }> {
  const items: PulledItem[] = []
  let behind = begun
  for (const { event, position } of page.items) {
    const shown = wants(event) ? await toItem(event, target, steps, ports) : 'filtered'
    if (shown === 'postponed') {
      return { items, cursor: writeCursor(behind), more: true, isPostponed: true }
    }
    behind = position
    if (shown !== 'filtered') items.push({ ...shown, event, cursor: writeCursor(position) })
  }
  return { items, cursor: writeCursor(page.position), more: page.more, isPostponed: false }
}

async function toItem(
  event: LoggedEvent,
  target: Target,
  steps: StepBudget,
  ports: PullPorts,
): Promise<Pick<PulledItem, 'request' | 'error'> | 'filtered' | 'postponed'> {
  if (isExpunged(event)) return { request: null, error: EXPUNGED }
  const prepared = await toRequest(event, target, ports.clock(), { steps, isChosen: false }, ports)
  switch (prepared.kind) {
    case 'request':
      return { request: prepared.request, error: null }
    case 'unsendable':
      return { request: null, error: prepared.reason }
    default:
      return prepared.kind
  }
}
