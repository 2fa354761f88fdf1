// Attempts on the wire, and how messages stand at endpoints (docs/contracts/svix.md, "Paths").

import { z } from 'zod'
import type { EventDelivery } from '../../../engine/index.ts'
import {
  type Attempt,
  DELIVERY_STATUSES,
  type DeliveryStatus,
  type Event,
  FIRST_RUN,
} from '../../../engine/model/index.ts'
import { formatTime, Timestamp } from '../../../primitives/time.ts'
import { toSvixId } from '../ids.ts'
import { Iterator, PageLimit } from '../pages.ts'
import { EndpointOut } from './endpoint.ts'
import { CommaJoined, Flag } from './fields.ts'
import { MessageOut, toMessageOut, WithContent } from './message.ts'

const STATUSES = { success: 0, pending: 1, fail: 2, sending: 3, canceled: 4 } as const
type StatusText = keyof typeof STATUSES

/** How deliveries are shown, where all statuses are told apart. */
const STANDINGS: Readonly<Record<DeliveryStatus, StatusText>> = {
  delivered: 'success',
  diverted: 'fail',
  dropped: 'fail',
  unsendable: 'fail',
  erased: 'canceled',
  filtered: 'canceled',
  pullable: 'canceled',
  failing: 'pending',
  held: 'pending',
  pending: 'sending',
}

/** What counts as another where they are not. */
const UNEXPANDED: Partial<Record<StatusText, StatusText>> = { canceled: 'fail', sending: 'pending' }

const StatusQuery = z
  .string()
  .regex(/^[0-4]$/, 'Expected 0 to 4.')
  .transform(Number)

const StatusOut = {
  status: z.int().meta({
    description:
      '0: success, 1: pending, 2: fail, 3: sending, 4: canceled: its content was expunged first.',
  }),
  statusText: z.string().meta({ description: 'The same as a word.' }),
}
const NextAttempt = z.string().nullable().meta({ description: 'When the next attempt is due.' })

export const AttemptsQuery = z.object({
  limit: PageLimit,
  iterator: Iterator,
  status: StatusQuery.optional().meta({ description: 'Only attempts with this status.' }),
  status_code_class: z
    .enum(['0', '100', '200', '300', '400', '500'])
    .transform(Number)
    .optional()
    .meta({ description: 'Only attempts with such a status code; 0: without a response.' }),
  channel: z.string().optional().meta({ description: 'Only of messages of this channel.' }),
  tag: z.string().optional().meta({ description: 'Only of messages that have this tag.' }),
  before: Timestamp.optional().meta({ description: 'Only attempts made before this time.' }),
  after: Timestamp.optional().meta({ description: 'Only attempts made after this time.' }),
  with_content: WithContent,
  with_msg: Flag.default(false).meta({ description: 'Whether messages are in the answer.' }),
  expanded_statuses: Flag.default(false).meta({
    description: 'Whether `sending` and `canceled` are told apart.',
  }),
  event_types: CommaJoined.optional().meta({ description: 'Only of messages of these types.' }),
})
export type AttemptsQuery = z.output<typeof AttemptsQuery>

export const AttemptOut = z
  .object({
    id: z.string().meta({ description: 'The id of the attempt.' }),
    msgId: z.string().meta({ description: 'The message.' }),
    endpointId: z.string().meta({ description: 'The endpoint.' }),
    url: z.string().meta({ description: 'The URL of the endpoint as it is now.' }),
    response: z.string().meta({ description: 'The beginning of the response.' }),
    responseStatusCode: z.int().meta({ description: 'Its status code; 0 without a response.' }),
    responseDurationMs: z.number().meta({ description: 'How long it took.' }),
    ...StatusOut,
    triggerType: z.int().meta({ description: '0: scheduled, 1: asked for.' }),
    timestamp: z.string().meta({ description: 'When it was made.' }),
    msg: MessageOut.optional().meta({ description: 'The message, where that was asked for.' }),
  })
  .meta({ id: 'SvixMessageAttemptOut' })
export type AttemptOut = z.infer<typeof AttemptOut>

export const EndpointMessageOut = MessageOut.extend({
  ...StatusOut,
  nextAttempt: NextAttempt,
}).meta({ id: 'SvixEndpointMessageOut' })

export const MessageEndpointOut = EndpointOut.extend({
  ...StatusOut,
  nextAttempt: NextAttempt,
}).meta({ id: 'SvixMessageEndpointOut' })

const attemptStatus = ({ outcome }: Pick<Attempt, 'outcome'>) =>
  outcome === 'delivered' ? STATUSES.success : STATUSES.fail

/** Whether an attempt is one that was asked for, as far as it tells itself. */
export function isAttemptAskedFor(
  attempt: Attempt,
  { status, status_code_class: codes, event_types: types }: Partial<AttemptsQuery>,
): boolean {
  const code = attempt.statusCode ?? 0
  return (
    (status === undefined || attemptStatus(attempt) === status) &&
    (codes === undefined || Math.floor(code / 100) * 100 === codes) &&
    (types === undefined || types.includes(attempt.eventType))
  )
}

/** `event`: to be shown with it. */
export function toAttemptOut(
  attempt: Attempt,
  endpoint: { readonly id: string; readonly url: string },
  event: { readonly event: Event; readonly withContent: boolean } | null,
): AttemptOut {
  const { id, eventId, statusCode, durationMs, responseExcerpt, error, run, at } = attempt
  const statusText = attempt.outcome === 'delivered' ? 'success' : 'fail'
  return {
    id: toSvixId('atmpt', id),
    msgId: toSvixId('msg', eventId),
    endpointId: toSvixId('ep', endpoint.id),
    url: endpoint.url,
    response: responseExcerpt ?? (statusCode === null ? (error ?? '') : ''),
    responseStatusCode: statusCode ?? 0,
    responseDurationMs: Math.round(durationMs),
    status: STATUSES[statusText],
    statusText,
    triggerType: run === FIRST_RUN ? 0 : 1,
    timestamp: formatTime(at),
    ...(event && { msg: toMessageOut(event.event, event.withContent) }),
  }
}

/** How a message stands at an endpoint. Unless they are to be told apart, `sending` counts as pending, and `canceled` as fail. */
export function toStanding(delivery: EventDelivery | undefined, isExpanded: boolean) {
  const statusText = statusTextOf(delivery, isExpanded)
  const next = delivery?.nextAttemptAt ?? null
  return {
    status: STATUSES[statusText],
    statusText,
    nextAttempt: next === null ? null : formatTime(next),
  }
}

function statusTextOf(delivery: EventDelivery | undefined, isExpanded: boolean): StatusText {
  const text = STANDINGS[delivery?.status ?? 'pending']
  return isExpanded ? text : (UNEXPANDED[text] ?? text)
}

/** Statuses of deliveries that are shown as such a number, where all are told apart. */
export function statusesOf(status: number): readonly DeliveryStatus[] {
  return DELIVERY_STATUSES.filter((one) => STATUSES[STANDINGS[one]] === status)
}
