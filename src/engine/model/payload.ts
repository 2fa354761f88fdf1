// Which data of an event a webhook gets, where the event has data by version. It depends on the event and on how the webhook was
// pinned when the event was accepted, so that every attempt, resend and replay sends the same bytes.

import { timeOf } from '../../primitives/ids.ts'
import type { DataRange, Event, VersionData } from './event.ts'
import type { Pin, Webhook } from './webhook.ts'

/** The version that a webhook is pinned to now; null: to none. */
export function pinOf({ pins }: Pick<Webhook, 'pins'>): string | null {
  return pins.at(-1)?.version ?? null
}

/**
 * The pins of a webhook (oldest first) once it is pinned to `version` at `now`. What ended before `keptSince` is left out: no
 * event is kept that was accepted then.
 */
export function nextPins(
  pins: readonly Pin[],
  version: string | null,
  { now, keptSince }: { readonly now: number; readonly keptSince: number },
): readonly Pin[] {
  if (pinOf({ pins }) === version) return pins
  const before = pins.length === 0 ? [{ version: null, since: 0 }] : pins
  const kept = before.filter((_, index) => (before[index + 1]?.since ?? now) > keptSince)
  return [...kept, { version, since: now }]
}

/**
 * The event as a webhook gets it: with the data of its version, and no other. It is that of the pin under which the event was
 * accepted; where that has none, of the first pin since then that has some. Null: none has.
 */
export function asSentTo(event: Event, { pins }: Pick<Webhook, 'pins'>): Event | null {
  const { versions, ...same } = event
  if (versions === undefined) return event
  for (const pin of pinsSince(event, pins)) {
    const data = dataUnder({ data: event.data, versions }, pin)
    if (data !== null) return { ...same, data }
  }
  return null
}

/** The pins of a webhook that count for an event, that under which it was accepted first. */
function pinsSince({ id }: Event, pins: readonly Pin[]): readonly (string | null)[] {
  if (pins.length === 0) return [null]
  const at = timeOf(id)
  const first = Math.max(
    0,
    pins.findLastIndex(({ since }) => since <= at),
  )
  return pins.slice(first).map(({ version }) => version)
}

/** Why an event has no data for a webhook, where it should have been made; null: it has, or nobody was to make it. */
export function failureFor(event: Event, webhook: Pick<Webhook, 'pins'>): string | null {
  const { versions = [] } = event
  if (asSentTo(event, webhook) !== null) return null
  const [pin = null] = pinsSince(event, webhook.pins)
  return (pin !== null && rangeUnder(versions, pin)?.failure) || null
}

// Who is pinned to a time before the first version knows no other: it gets that.
function rangeUnder(versions: readonly DataRange[], pin: string): DataRange | undefined {
  return versions.findLast(({ from }) => from <= pin) ?? versions[0]
}

/** The data of an event for webhooks with a pin; null: there is none for them. */
function dataUnder(
  { data, versions }: { readonly data: string; readonly versions: readonly DataRange[] },
  pin: string | null,
): string | null {
  if (pin === null) return data
  const range = rangeUnder(versions, pin)
  return range?.data === undefined ? data : range.data
}

/** Characters of all data of an event. */
export function dataChars({
  data,
  versions = [],
  raw,
}: Pick<Event, 'data' | 'versions' | 'raw'>): number {
  const own = data.length + (raw?.text.length ?? 0)
  return versions.reduce((sum, range) => sum + (range.data?.length ?? 0), own)
}

/** The data that was published by version, newest first; empty where it was `data` alone. */
export function publishedVersions({
  data,
  versions = [],
}: Pick<Event, 'data' | 'versions'>): readonly VersionData[] {
  return versions
    .flatMap((range) =>
      range.version === null || range.data === null
        ? []
        : [{ version: range.version, data: range.data ?? data }],
    )
    .toReversed()
}
