// One attempt that its owner asks for, to see what the receiver says: of no event that was published, and counted nowhere.

import { describeError, EngineError, notFound } from '../../errors.ts'
import { newId } from '../../primitives/ids.ts'
import { formatTime } from '../../primitives/time.ts'
import { RATE } from '../../tuning.ts'
import type { Webhooks } from '../api.ts'
import { toAttempt } from '../attempt/attempt.ts'
import { toRequestOf } from '../attempt/joint-request.ts'
import { logUnavailable, toTarget } from '../attempt/target.ts'
import { StepBudget } from '../expressions/step-budget.ts'
import type { Attempt, Event, Webhook } from '../model/index.ts'
import { batchOf, FIRST_RUN, isPausedFor, rateOf } from '../model/index.ts'
import type { Ports, WebhookRef } from '../ports/index.ts'
import { exampleOf } from './example.ts'
import { refusePull } from './pull.ts'

/** The event a test sends when none is named. */
export const TEST_EVENT = { type: 'webhook.test', data: '{"message":"This is a test."}' } as const

/** Throws `not_found`; `unavailable` when no request can be made; `rate_limited` when the webhook’s rate has no room; `invalid` when the dialect cannot express the event, or there is no example of the version that the webhook gets. */
export async function sendTest(
  ref: WebhookRef,
  { type, data }: Parameters<Webhooks['test']>[1],
  ports: Ports,
): Promise<Attempt> {
  const [webhook] = await ports.webhooks.findByRef([ref])
  if (webhook === undefined) throw notFound('webhook')
  refusePull(webhook)
  if (isPausedFor('unverified', webhook))
    throw new EngineError(
      'conflict',
      'The receiver has not agreed to be sent to: it is not verified.',
    )
  const target = toTarget(webhook, ports)
  logUnavailable(target, ports)
  const at = ports.clock()
  const event: Event = {
    id: newId(at),
    type: type ?? TEST_EVENT.type,
    time: formatTime(at),
    data: data ?? (await exampleOf({ type }, webhook, ports)) ?? TEST_EVENT.data,
    scope: webhook.scope,
    actor: null,
    requestId: null,
  }
  const shaping = { steps: new StepBudget(), isChosen: true }
  const isJoint = batchOf(webhook) !== null
  const told = { id: event.id, events: [event], isJoint }
  const prepared = await toRequestOf(told, target, at, shaping, ports)
  if (prepared.kind !== 'request') {
    const what = prepared.kind === 'unsendable' ? prepared.reason : 'There is nothing to send.'
    throw new EngineError('invalid', what, { issues: [{ path: ['type'], message: what }] })
  }
  const which = { id: newId(at), eventId: event.id, eventType: event.type, run: FIRST_RUN }
  const isRated = rateOf(webhook) !== null
  if (isRated) await takePermitForTest(webhook, event, ports)
  try {
    const outcome = await ports.send({ ...prepared.request, wantsResponse: true })
    return toAttempt({ ...which, attempt: 1, at }, outcome)
  } finally {
    if (isRated) await endRequest(webhook, event, ports)
  }
}

/** Never rejects: what its monitor does not hear of counts as under way for a while. */
async function endRequest(
  { id: webhookId }: Pick<Webhook, 'id'>,
  { id: eventId }: Pick<Event, 'id'>,
  { monitor, log }: Pick<Ports, 'monitor' | 'log'>,
): Promise<void> {
  try {
    await monitor(webhookId).endRequest({ eventId, run: FIRST_RUN })
  } catch (error) {
    log({ event: 'monitor.unreachable', webhookId, error: describeError(error) })
  }
}

/** Throws `rate_limited` where there is none now. */
async function takePermitForTest(
  { id, throttle }: Webhook,
  event: Pick<Event, 'id'>,
  { monitor, clock }: Pick<Ports, 'monitor' | 'clock'>,
): Promise<void> {
  const ask = { eventId: event.id, run: FIRST_RUN, throttle: throttle ?? undefined }
  const validMs = RATE.testValidMs
  const answer = await monitor(id).permit({ ...ask, validMs, isTest: true })
  if (answer.kind !== 'full') return
  const retryAfterSeconds = Math.max(1, Math.ceil((answer.from - clock()) / 1_000))
  throw new EngineError('rate_limited', 'The rate of the webhook has no room for a test now.', {
    retryAfterSeconds,
  })
}

/** An example as a test of the webhook would send it. Throws `not_found`, and what `exampleOf` does. */
export async function exampleFor(
  ref: WebhookRef,
  asked: Parameters<typeof exampleOf>[0],
  ports: Pick<Ports, 'eventTypes' | 'webhooks'>,
): Promise<string | null> {
  const [webhook] = await ports.webhooks.findByRef([ref])
  if (webhook === undefined) throw notFound('webhook')
  return exampleOf(asked, webhook, ports)
}
