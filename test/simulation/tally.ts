// What happened in how many histories, so that nobody believes in steps that never come and ends that are never reached.

import { overtaken } from './orders.ts'
import { after, ANSWERS as STATUS } from './schedule.ts'
import { isSentAsBefore } from './shapes.ts'
import { STEP_KINDS, type Step } from './steps.ts'
import type { Story } from './story.ts'
import type { Known } from './trace.ts'
import { waitingForAgreement } from './verifications.ts'

const ENDS = [
  'delivered',
  'diverted',
  'dropped',
  'retried',
  'exhausted',
  'failing for long',
  'unsendable',
  'excluded',
  'pullable',
  'suspended',
  'resumed',
  'sent again',
  'deleted',
  'erased',
  'filtered',
  'sent as before',
  'sent together',
  'taken in part',
  'asked in vain',
  'sent once verified',
  'sent on time',
  'cancelled',
  'hit by a fault',
] as const

const ANSWERS = Object.keys(STATUS)

type End = (typeof ENDS)[number]

export class Tally {
  events = 0
  requests = 0
  /** Pairs of events that had to come in order. */
  pairs = 0
  private readonly seen = new Set<End>()
  private readonly told = new Map<string, number>()

  /** What came of a history by now; to be asked more than once, before what was kept is sent again. */
  async look(story: Story): Promise<void> {
    for (const end of await endsOf(story)) this.seen.add(end)
  }

  count(steps: readonly Step[], story: Story): void {
    this.events += story.accepted.length
    this.requests += story.world.sent.length
    this.pairs += overtaken(story.trace, story.accepted, story.world).pairs
    const found = new Set<string>([
      ...steps.map(({ kind }) => kind),
      ...story.world.sent.map(({ behaviour }) => behaviour),
      ...this.seen,
    ])
    this.seen.clear()
    for (const what of found) this.told.set(what, (this.told.get(what) ?? 0) + 1)
  }

  /** In how many histories each step came, each answer was given, and each end was reached. */
  toLines(): string {
    const line = (names: readonly string[]) =>
      names.map((name) => `${name} ${this.told.get(name) ?? 0}`).join(', ')
    return [`steps: ${line(STEP_KINDS)}`, `answers: ${line(ANSWERS)}`, `ends: ${line(ENDS)}`].join(
      '\n    ',
    )
  }

  /** Steps, answers and ends that too few histories have. */
  rarerThan(histories: number): readonly string[] {
    return [...STEP_KINDS, ...ANSWERS, ...ENDS].filter(
      (name) => (this.told.get(name) ?? 0) < histories,
    )
  }
}

/** What came of a history: ends of deliveries, and what happened on the way. */
async function endsOf({ world, tenantId, trace }: Story): Promise<ReadonlySet<End>> {
  const found = new Set<End>()
  const { events } = world.engine
  const { items } = await events.list(tenantId, { limit: 250 })
  for (const { id } of items) {
    for (const { status, attempts } of await events.deliveries(tenantId, id)) {
      if (status !== 'pending' && status !== 'failing' && status !== 'held') found.add(status)
      if (attempts > 1) found.add('retried')
    }
    if (items.some(({ type }) => type === 'webhook.exhausted')) found.add('exhausted')
    if (items.some(({ type }) => type === 'webhook.failing')) found.add('failing for long')
  }
  if (items.some(({ cancelledAt }) => cancelledAt !== undefined)) found.add('cancelled')
  if (items.some(({ publishedAt, webhookIds }) => publishedAt && webhookIds.length > 0)) {
    found.add('sent on time')
  }
  const { hasWaited, wasSent } = waitingForAgreement(trace)
  if (hasWaited) found.add('asked in vain')
  if (wasSent) found.add('sent once verified')
  const asked = new Set<string>()
  const suspended = new Set<Known>()
  for (const fact of trace) {
    if (fact.kind === 'asked') {
      const pair = `${fact.webhook.id}/${fact.eventId}`
      if (asked.has(pair)) found.add('sent again')
      asked.add(pair)
    }
    if (fact.kind === 'resumed' && suspended.delete(fact.webhook)) found.add('resumed')
    if (fact.kind === 'mishap') found.add('hit by a fault')
    if (fact.kind === 'request' && (fact.request.sent.joint?.eventIds.length ?? 0) > 1)
      found.add('sent together')
    if (fact.kind === 'request' && fact.request.sent.joint?.isChoosy) found.add('taken in part')
    if (fact.kind === 'request' && isSentAsBefore(fact.request)) found.add('sent as before')
    if (fact.kind === 'request' && after(fact.request, 1).kind === 'excluded') found.add('excluded')
    if (fact.kind !== 'seen') continue
    for (const [webhook, { status }] of fact.webhooks) {
      if (status === 'suspended' || status === 'deleted') found.add(status)
      if (status === 'suspended') suspended.add(webhook)
    }
  }
  return found
}
