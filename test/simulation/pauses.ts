// Pauses that receivers ask for (docs/contracts/delivery.md, "Hold"), in which nobody gets a request while nothing goes wrong, and
// those of owners ("Paused webhooks"), whatever goes wrong.

import { CLOSED_MS, LATE_MS } from '../fakes/world.ts'
import type { Fact, Known } from './trace.ts'

/** For how long a receiver that behaves so asks to be left alone, in milliseconds; a day at most counts. */
const ASKED_MS = { busy: 120_000, closing: CLOSED_MS, absurd: 86_400_000 } as const

/** Requests that came within a pause, as sentences. What a publish was sending already when it was asked for is not among them. */
export function brokenPauses(trace: readonly Fact[], marginMs: number): readonly string[] {
  const broken: string[] = []
  const pauses = new Map<Known, { readonly since: number; readonly until: number }>()
  const accepted = new Map<string, number>()
  const sentTo = new Map<Known, Set<string>>()
  for (const fact of trace) {
    if (fact.kind === 'asked' && !accepted.has(fact.eventId)) accepted.set(fact.eventId, fact.at)
    // Its owner does not want to wait, or it is another receiver.
    if (fact.kind === 'resumed') pauses.delete(fact.webhook)
    if (fact.kind !== 'request') continue
    const { webhook, sent } = fact.request
    const pause = pauses.get(webhook)
    const acceptedAt = accepted.get(sent.eventId) ?? 0
    const known = sentTo.get(webhook) ?? new Set()
    const isFirst = !known.has(sent.eventId)
    sentTo.set(webhook, known.add(sent.eventId))
    const isUnderWay =
      (sent.batch === null && acceptedAt <= (pause?.since ?? 0)) ||
      (pause !== undefined && isFirst && acceptedAt < writtenBy(trace, pause.since))
    if (pause && !isUnderWay && sent.at > pause.since && sent.at < pause.until - marginMs)
      broken.push(`${webhook.config.url} got ${sent.eventId} in its pause until ${pause.until}`)
    const asked = Object.entries(ASKED_MS).find(([behaviour]) => behaviour === sent.behaviour)?.[1]
    const until = Math.max(pause?.until ?? 0, sent.at + (asked ?? 0))
    if (asked !== undefined) pauses.set(webhook, { since: sent.at, until })
  }
  return broken
}

/** When what a receiver asked for is written down at last: whoever heard of it may wait for another receiver, which answers late. */
export function writtenBy(trace: readonly Fact[], since: number): number {
  const ends = trace.flatMap((fact) => {
    if (fact.kind !== 'request') return []
    const { at, behaviour } = fact.request.sent
    const isLate = behaviour === 'slow' || behaviour === 'hanging'
    return isLate && at <= since ? [at + LATE_MS[behaviour]] : []
  })
  return Math.max(since, ...ends)
}

/**
 * Requests of events that were cancelled while they were pending, as sentences. Not of those that somebody asked for once more, before
 * or after: what is on its way to be asked for is not pending yet (docs/pausing.md, "Cancelling").
 */
export function sentThoughCancelled(trace: readonly Fact[]): readonly string[] {
  const cancelled = new Map<Known, Set<string>>()
  const askedFor = new Map<Known, Set<string>>()
  return trace.flatMap((fact) => {
    if (fact.kind === 'cancelled') {
      const known = cancelled.get(fact.webhook) ?? new Set()
      const asked = askedFor.get(fact.webhook)
      const others = fact.eventIds.filter((id) => !asked?.has(id))
      cancelled.set(fact.webhook, new Set([...known, ...others]))
    }
    if (fact.kind === 'asked') {
      cancelled.get(fact.webhook)?.delete(fact.eventId)
      if (fact.how !== 'publish') {
        const known = askedFor.get(fact.webhook) ?? new Set()
        askedFor.set(fact.webhook, known.add(fact.eventId))
      }
    }
    if (fact.kind !== 'request') return []
    const { webhook, sent } = fact.request
    const isCancelled = cancelled.get(webhook)?.has(sent.eventId) === true
    return isCancelled ? [`${sent.eventId} at ${webhook.config.url} was cancelled and sent`] : []
  })
}

/** Requests to webhooks whose owners had been told that they wait, of events that were accepted since, as sentences. */
export function sentWhilePaused(trace: readonly Fact[]): readonly string[] {
  const waiting = new Map<Known, Set<string>>()
  return trace.flatMap((fact) => {
    if (fact.kind === 'paused') waiting.set(fact.webhook, waiting.get(fact.webhook) ?? new Set())
    if (fact.kind === 'unpaused') waiting.delete(fact.webhook)
    if (fact.kind === 'asked' && fact.how === 'publish')
      waiting.get(fact.webhook)?.add(fact.eventId)
    if (fact.kind !== 'request') return []
    const { webhook, sent } = fact.request
    const isWaiting = waiting.get(webhook)?.has(sent.eventId) === true
    return isWaiting ? [`${webhook.config.url} is paused and got ${sent.eventId}`] : []
  })
}
