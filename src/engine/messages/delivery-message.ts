// Messages of the deliveries queue as text. They are Hookline's own, so only their outline is checked: what does not
// have it was damaged, or comes from a version that is not this one.

import { z } from 'zod'
import { frame, isFrame, unframe } from '../../primitives/framed-json.ts'
import type { Disposition, Event, Run, Trigger } from '../model/index.ts'
import type { DeliverMessage, DeliveryMessage, Role, WebhookRef } from '../ports/index.ts'
import { messageVersion } from './version.ts'

/** Roles as messages of 0.1.0 call them, and whatever its isolates read during a deployment. */
const STANDINGS = ['sole', 'insurance', 'repetition'] as const
type Standing = (typeof STANDINGS)[number]
const STANDING_OF = {
  primary: 'sole',
  watchdog: 'insurance',
  duplicate: 'repetition',
} as const satisfies Record<Role, Standing>
const ROLE_OF = {
  sole: 'primary',
  insurance: 'watchdog',
  repetition: 'duplicate',
} as const satisfies Record<Standing, Role>

/** A message as its text has it. */
type WrittenMessage =
  | (Omit<DeliverMessage, 'role'> & { readonly standing: Standing })
  | Exclude<DeliveryMessage, DeliverMessage>

const OutlineSchema = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('deliver'),
    tenantId: z.string(),
    webhookId: z.string(),
    run: z.string(),
    event: z.looseObject({ id: z.string(), type: z.string(), data: z.string() }),
    attempts: z.number(),
    standing: z.enum(STANDINGS),
    onlyMissing: z.boolean().optional(),
    ifConcerned: z.literal(true).optional(),
    wasMatched: z.literal(true).optional(),
    isChosen: z.literal(true).optional(),
    carrier: z.string().optional(),
  }),
  z.looseObject({
    kind: z.literal('record'),
    webhookId: z.string(),
    report: z.looseObject({
      id: z.string(),
      entries: z.array(z.looseObject({ kind: z.string() })),
    }),
  }),
  z.looseObject({
    kind: z.literal('notice'),
    notice: z.looseObject({ id: z.string(), type: z.string(), webhookId: z.string() }),
  }),
  z.looseObject({ kind: z.literal('purge'), webhookId: z.string() }),
])

/** The text of a message. */
export function toDeliveryText(message: DeliveryMessage): string {
  const run = message.kind === 'deliver' ? { run: message.run } : {}
  return frame({ v: messageVersion(eventsIn(message), run), ...toWritten(message) })
}

function eventsIn(message: DeliveryMessage): readonly Event[] {
  if (message.kind === 'deliver') return [message.event]
  if (message.kind !== 'record') return []
  return message.report.entries.flatMap((entry) => {
    if (entry.kind === 'held') return [entry.message.event]
    return 'event' in entry && entry.event !== null ? [entry.event] : []
  })
}

/**
 * The message of a replay; another one of the same run gives way to its progress. `onlyMissing`: and it to the event's
 * delivery in any run. `wasMatched`: its first attempt was made, or is under way.
 */
export function toReplayMessage(
  ref: WebhookRef,
  run: Run,
  event: Event,
  { onlyMissing, wasMatched }: { readonly onlyMissing: boolean; readonly wasMatched: boolean },
): DeliveryMessage {
  return {
    ...toRunMessage(ref, run, event),
    ifConcerned: true,
    ...(onlyMissing && { onlyMissing }),
    ...(wasMatched && { wasMatched }),
  }
}

/**
 * The message that makes the next attempt of a run now, of which `attempts` were made. `carrier`: what the monitor names it by,
 * so that the messages that carried the run before only follow.
 */
export function toResendMessage(
  ref: WebhookRef,
  event: Event,
  {
    run,
    attempts,
    carrier,
    isChosen = false,
  }: {
    readonly run: Run
    readonly attempts: number
    readonly carrier: string
    readonly isChosen?: boolean
  },
): DeliveryMessage {
  const message = { ...toRunMessage(ref, run, event), attempts, carrier }
  return isChosen ? { ...message, isChosen } : message
}

/** A message of a run that nothing is known of; it gives way to any progress the monitor shows. */
export function toRunMessage(ref: WebhookRef, run: Run, event: Event): DeliverMessage {
  return toDeliverMessage(ref, event, { run, attempts: 0, role: 'duplicate' })
}

/** The message that brings an event to a webhook. */
export function toDeliverMessage(
  { tenantId, id: webhookId }: WebhookRef,
  event: Event,
  { run, attempts, role }: Pick<DeliverMessage, 'run' | 'attempts' | 'role'>,
): DeliverMessage {
  return { kind: 'deliver', tenantId, webhookId, run, event, attempts, role }
}

function toWritten(message: DeliveryMessage): WrittenMessage {
  if (message.kind !== 'deliver') return message
  const { role, ...same } = message
  return { ...same, standing: STANDING_OF[role] }
}

/** The message of a text; null for anything else. */
export function fromDeliveryText(body: unknown): DeliveryMessage | null {
  if (!isFrame(body)) return null
  try {
    const value = unframe(body)
    return isWritten(value) ? readFormer(fromWritten(value)) : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function fromWritten({ v: _, ...message }: WrittenMessage & { v?: unknown }): DeliveryMessage {
  if (message.kind !== 'deliver') return message
  const { standing, ...same } = message
  return { ...same, role: ROLE_OF[standing] }
}

/** Until 0.1.0 a failure that no trigger covers was reported as `ignore`; now it is given up like any other. */
function readFormer(message: DeliveryMessage): DeliveryMessage {
  if (message.kind !== 'record') return message
  const entries = message.report.entries.map((entry) => {
    if (entry.kind !== 'attempt' || !isFormer(entry.disposition)) return entry
    const { trigger } = entry.disposition
    return { ...entry, disposition: { kind: 'drop', trigger, excluded: true } as const }
  })
  return { ...message, report: { ...message.report, entries } }
}

function isFormer(
  disposition: Disposition,
): disposition is Extract<Disposition, { trigger: Trigger }> {
  return String(disposition.kind) === 'ignore'
}

function isWritten(value: unknown): value is WrittenMessage {
  return OutlineSchema.safeParse(value).success
}
