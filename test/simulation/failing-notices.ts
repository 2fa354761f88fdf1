// What is told of a webhook that keeps failing (docs/contracts/delivery.md, "System events"): each notice once while it fails, none
// once it is suspended, and none after a delivery ended the failing.

import type { Event } from '../../src/engine/model/index.ts'
import { LATE_MS } from '../fakes/world.ts'
import type { Known, Request } from './trace.ts'

interface Told {
  readonly type: string
  readonly at: number
  readonly webhookId: string
  readonly reason: string
  readonly failingSince?: string
  readonly suspendsAt?: string | null
}

/** Every promise about notices that the events of a tenant break, as sentences. */
export function brokenNotices(
  events: readonly Pick<Event, 'type' | 'time' | 'data'>[],
  webhooks: readonly Known[],
  requests: readonly Request[],
): string[] {
  const told = events
    .filter(({ type }) => type.startsWith('webhook.'))
    .map(({ type, time, data }): Told => ({ type, at: Date.parse(time), ...JSON.parse(data) }))
    .toSorted((a, b) => a.at - b.at)
  return webhooks.flatMap((webhook) => {
    const broken: string[] = []
    const streaks = new Map<number, string[]>()
    const own = requests.filter((request) => request.webhook === webhook)
    let suspendedAt = Number.POSITIVE_INFINITY
    for (const one of told.filter(({ webhookId }) => webhookId === webhook.id)) {
      if (one.type === 'webhook.suspended') suspendedAt = one.at
      if (one.type === 'webhook.resumed') suspendedAt = Number.POSITIVE_INFINITY
      if (one.type !== 'webhook.failing') continue
      const { at, reason, suspendsAt = null } = one
      const since = Date.parse(one.failingSince ?? '')
      const streak = streaks.get(since) ?? []
      const say = (what: string) => broken.push(`${webhook.config.url} was told to fail ${what}`)
      if (suspendedAt < at) say('although it is suspended')
      if (streak.includes(reason)) say(`twice because of ${reason}`)
      if (!(since < at)) say('before it began')
      if (reason === 'half_time' && suspendsAt === null) say('half of no time')
      // What fails late may have begun before the delivery, and be known after it.
      const isLate = own.some(({ sent }) => sent.at === since && sent.behaviour in LATE_MS)
      const isOver = ({ sent }: Request) =>
        sent.behaviour === 'ok' && since < sent.at && sent.at < at
      if (!isLate && own.some(isOver)) say(`since ${since}, and it was delivered to since`)
      streaks.set(since, [...streak, reason])
    }
    return broken
  })
}
