// Messages of the events queue as Hookline writes them: as many events in each as Queues bills as one operation.

import { z } from 'zod'
import { byteLength, frame, isFrame, unframe } from '../../primitives/framed-json.ts'
import { pack } from '../../primitives/pack.ts'
import { QUEUE } from '../../tuning.ts'
import { EventSchema } from '../model/event-schema.ts'
import type { Event } from '../model/index.ts'
import type { RemainingEvent } from '../ports/index.ts'
import { messageVersion } from './version.ts'

/** A message as its text has it, in the words of 0.1.0. */
const WrittenMessage = z.object({
  tenantId: z.string(),
  /** Whether it may be redelivered. */
  ask: z.boolean(),
  events: z.array(EventSchema),
  /** Of each event the ids of the webhooks that remain; absent where none were matched yet. */
  only: z.array(z.array(z.string())).optional(),
})
type WrittenMessage = z.infer<typeof WrittenMessage>

interface About {
  readonly tenantId: string
  /** Some of the events may have been worked on before. */
  readonly redelivered: boolean
}

interface EventMessage extends About {
  readonly events: readonly Event[]
  /** The same with the webhooks that they are still for; null: whoever matches. */
  readonly remaining: readonly RemainingEvent[] | null
}

/** The messages that carry published events, in order: as few as fit. */
export function toEventMessages(
  { tenantId, redelivered: ask }: About,
  events: readonly Event[],
): string[] {
  if (events.length === 1) return [toText({ tenantId, ask, events: [...events] })]
  const packs = pack(events, { ...ROOM, sizeOf: (event) => byteLength(frame(event)) })
  return [...packs].map(({ items }) => toText({ tenantId, ask, events: items }))
}

/** The messages that carry what remains of events, in order: as few as fit. */
export function toContinuationMessages(
  { tenantId, redelivered: ask }: About,
  remaining: readonly RemainingEvent[],
): string[] {
  const packs = pack(remaining, {
    ...ROOM,
    sizeOf: ({ event, webhookIds }) => byteLength(frame(event)) + JSON.stringify(webhookIds).length,
  })
  return [...packs].map(({ items }) =>
    toText({
      tenantId,
      ask,
      events: items.map(({ event }) => event),
      only: items.map(({ webhookIds }) => [...webhookIds]),
    }),
  )
}

const ROOM = { size: QUEUE.packBytes - QUEUE.messageOverheadBytes } as const

function toText(message: WrittenMessage): string {
  return frame({
    v: messageVersion(message.events, { mayWait: message.only === undefined }),
    ...message,
  })
}

/** What a message of Hookline's carries; null for what somebody else sent. Throws for a damaged one. */
export function fromEventMessage(body: unknown): EventMessage | null {
  if (!isFrame(body)) return null
  const { tenantId, ask: redelivered, events, only } = WrittenMessage.parse(unframe(body))
  const remaining = only?.flatMap((webhookIds, index) => {
    const event = events[index]
    return event === undefined ? [] : [{ event, webhookIds }]
  })
  return { tenantId, redelivered, events, remaining: remaining ?? null }
}
