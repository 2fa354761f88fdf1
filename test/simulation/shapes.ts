// Expressions of webhooks (docs/expressions.md): an event is sent as those make it that its webhook had when it was accepted, in every
// attempt, resend and replay, whatever the webhook was given since.

import type { Expressions } from '../../src/engine/model/index.ts'
import { timeOf } from '../../src/primitives/ids.ts'
import { formatTime } from '../../src/primitives/time.ts'
import { amongOthers } from './batches.ts'
import type { Accepted, Known, Request } from './trace.ts'

/** What every event of a producer carries. */
export const DATA = '{"n":1.10}'

/** What `SHAPES` leave out, or let through alone. */
const SIFTED = 'order.lost'

interface Shape extends Pick<Expressions, 'filter' | 'body'> {
  readonly leavesOut: (type: string) => boolean
  /** Null: what its surface sends. */
  readonly sends: ((type: string, webhookId: string) => string) | null
}

/** The fourth takes so many steps that four of them fill an invocation. */
export const SHAPES = [
  { filter: null, body: null, leavesOut: () => false, sends: null },
  {
    ...{ filter: null, body: '{"type": type, "of": webhook.id}' },
    leavesOut: () => false,
    sends: (type, webhookId) => `{"type":"${type}","of":"${webhookId}"}`,
  },
  {
    ...{ filter: `type != "${SIFTED}"`, body: null },
    leavesOut: (type) => type === SIFTED,
    sends: null,
  },
  {
    ...{ filter: null, body: `{"count": $count([${'1,'.repeat(1_100)}1])}` },
    leavesOut: () => false,
    sends: () => '{"count":1101}',
  },
  {
    ...{ filter: `type = "${SIFTED}"`, body: '"Lost: " & data.n' },
    leavesOut: (type) => type !== SIFTED,
    sends: () => 'Lost: 1.10',
  },
] as const satisfies readonly Shape[]

export interface ShapeSince {
  readonly shape: Shape
  /** By the clock of the isolate that was told. */
  readonly since: number
}

/** Those that may count for an event; one, unless clocks differ. */
export function shapesFor({ shapes }: Known, eventId: string, marginMs: number): readonly Shape[] {
  const at = timeOf(eventId)
  return shapes
    .filter(({ since }, index) => {
      const isOver = shapes.slice(index + 1).some((later) => later.since <= at - marginMs)
      return since <= at + marginMs && !isOver
    })
    .map(({ shape }) => shape)
}

/** Requests whose bytes are not what their webhook's expressions, or its surface, make of the event, as sentences. */
export function misshapen(
  requests: readonly Request[],
  accepted: readonly Accepted[],
  marginMs: number,
): readonly string[] {
  const types = new Map(accepted.map(({ id, type }) => [id, type]))
  return requests.flatMap(({ webhook, sent }) => {
    const { eventId, body, url, joint } = sent
    const type = types.get(eventId)
    // What Hookline publishes itself is about something else each time.
    if (type === undefined) return []
    const usual = `{"type":"${type}","timestamp":"${formatTime(timeOf(eventId))}","data":${DATA}}`
    const expected = shapesFor(webhook, eventId, marginMs).map(
      ({ sends }) => sends?.(type, webhook.id) ?? usual,
    )
    const isMeant = joint
      ? expected.some((alone) => body.includes(amongOthers(eventId, alone, alone !== usual)))
      : expected.includes(body)
    return isMeant
      ? []
      : [`${eventId} was sent to ${url} as ${body}, and not as ${expected.join(' or ')}`]
  })
}

/** Whether something was sent as a former shape makes it. */
export function isSentAsBefore({ webhook, sent }: Request): boolean {
  const [shape] = shapesFor(webhook, sent.eventId, 0)
  const since = webhook.shapes.findIndex((one) => one.shape === shape)
  const later = webhook.shapes.slice(since + 1).filter((one) => one.shape !== shape)
  return later.some((one) => one.since <= sent.at)
}
