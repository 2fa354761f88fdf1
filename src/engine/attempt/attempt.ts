// One try. In: a Delivery; out: what happened, as the monitor keeps it, and what to do next. Next: delivery/report.ts.

import { framesOf } from '../../errors.ts'
import { newId } from '../../primitives/ids.ts'
import type { StepBudget } from '../expressions/step-budget.ts'
import type { Attempt, Disposition, Event, Outcome, Run, TraceContext } from '../model/index.ts'
import { JOINT_RUN, sharedTrace, unsent } from '../model/index.ts'
import type { DeliverMessage, EventPart, PartResult, Ports, SentPart } from '../ports/index.ts'
import { aboutOf, logAttempt } from './attempt-lines.ts'
import { inAttemptSpan } from './attempt-span.ts'
import { askedDelay, dispositionOf } from './disposition.ts'
import { jointDisposition, readJointAnswer } from './joint-answer.ts'
import { type PreparedPart, toJointRequest, toPart } from './joint-request.ts'
import { toRequest } from './request.ts'
import type { Target } from './target.ts'

/** An event on its way to one webhook. */
export interface Delivery {
  readonly event: Event
  readonly target: Target
  readonly run: Run
  /** Attempts of this run made so far. */
  readonly attempts: number
  /** Somebody chose its webhook for it, whatever the webhook's filter says. */
  readonly isChosen?: boolean
  /** Attempts that may have been made, where the monitor did not say: the delay of the next retry assumes them. */
  readonly retryIndex?: number
  /** Its request takes a permit. */
  readonly isRated?: boolean
  /** It goes with others in one request. */
  readonly isPart?: boolean
}

/** A delivery after a try. */
interface Attempted<D extends Delivery = Delivery> {
  readonly kind: 'attempted'
  readonly delivery: D
  readonly attempt: Attempt
  readonly disposition: Disposition
  /** Seconds for which the receiver asks to be left alone, scaled; 0 when it does not. */
  readonly pauseSeconds: number
  /** Requests a minute that the receiver says it allows; null: as many as there are. Left out: it says nothing. */
  readonly allowedPerMinute?: number | null
  /** No request was made. */
  readonly isUnsent?: true
  /** Of a joint delivery: what came of the events that its receiver did not take. */
  readonly parts?: readonly PartResult[]
  /** Of a joint delivery: what its request told of. */
  readonly sent?: readonly SentPart[]
  /** Of what its request told. */
  readonly trace?: TraceContext
}

/** A delivery that was not tried, because its receiver had just asked to be left alone, or for less: it is handed to its monitor. */
interface Held<D extends Delivery = Delivery> {
  readonly kind: 'held'
  readonly delivery: D
  /** It waits for others that go with it. */
  readonly part?: EventPart
}

/** A joint delivery of which no event is left. */
interface Emptied<D extends Delivery = Delivery> {
  readonly kind: 'emptied'
  readonly delivery: D
}

/** A delivery that was not begun: other expressions have taken the steps of the invocation. */
interface Postponed<D extends Delivery = Delivery> {
  readonly kind: 'postponed'
  readonly delivery: D
}

/** A delivery that had no permit: it waits in its monitor again. */
interface Waiting<D extends Delivery = Delivery> {
  readonly kind: 'waiting'
  readonly delivery: D
}

/** A delivery of which nobody could say whether it has a permit. */
interface Unpermitted<D extends Delivery = Delivery> {
  readonly kind: 'unpermitted'
  readonly delivery: D
}

/** A delivery that its webhook's filter ended. */
interface Filtered<D extends Delivery = Delivery> {
  readonly kind: 'filtered'
  readonly delivery: D
  readonly at: number
}

/** A delivery that could not be tried: the webhook's dialect cannot express the event, or its expressions fail on it. */
interface Unsendable<D extends Delivery = Delivery> {
  readonly kind: 'unsendable'
  readonly delivery: D
  /** As a sentence. */
  readonly message: string
  readonly at: number
}

export type Tried<D extends Delivery = Delivery> =
  | Attempted<D>
  | Unsendable<D>
  | Filtered<D>
  | Held<D>
  | Postponed<D>
  | Emptied<D>
  | Waiting<D>
  | Unpermitted<D>

/** Whether a request may be sent now; `unknown`: its monitor is to be told of it first. */
export type TakePermit = (
  delivery: Delivery,
) => Promise<'granted' | 'waits' | 'unknown' | 'unanswered'>

/** What a webhook's monitor is asked about a delivery whose turn has come. Never rejects. */
export interface AskMonitor {
  readonly takePermit: TakePermit
  /** The deliveries that go together in a joint one. */
  readonly partsOf: (joint: Delivery) => Promise<readonly DeliverMessage[] | 'unanswered'>
}

/** What becomes of a delivery that has no permit. */
const WITHOUT_PERMIT = { waits: 'waiting', unknown: 'held', unanswered: 'unpermitted' } as const

/** Whether its receiver asks to be left alone. */
export function asksForPause(tried: Tried): boolean {
  return tried.kind === 'attempted' && tried.pauseSeconds > 0
}

/** Whether its receiver asks for so much in a time, and no more. */
export function asksForRate(tried: Tried): boolean {
  return tried.kind === 'attempted' && typeof tried.allowedPerMinute === 'number'
}

export type AttemptPorts = Pick<Ports, 'clock' | 'random' | 'send' | 'settings' | 'log' | 'inSpan'>

/** Makes one try; `steps`: what expressions have left in this invocation. The permit is asked for last. Never rejects. */
export function attempt<D extends Delivery>(
  delivery: D,
  steps: StepBudget,
  ask: AskMonitor,
  ports: AttemptPorts,
): Promise<Tried<D>> {
  const work = () => attemptOnce(delivery, steps, ask, ports)
  // Of what goes with others no request is made now.
  return delivery.isPart ? work() : inAttemptSpan(delivery, ports, work)
}

async function attemptOnce<D extends Delivery>(
  delivery: D,
  steps: StepBudget,
  ask: AskMonitor,
  ports: AttemptPorts,
): Promise<Tried<D>> {
  const at = ports.clock()
  const tried = await tryOnce(delivery, at, { steps, ask }, ports)
  const { event, target, run } = delivery
  switch (tried.kind) {
    case 'unsendable':
      ports.log({ event: 'delivery.unsendable', ...aboutOf(delivery) })
      return { kind: 'unsendable', delivery, message: tried.reason, at }
    case 'filtered':
      ports.log({ event: 'delivery.filtered', ...aboutOf(delivery) })
      return { kind: 'filtered', delivery, at }
    case 'postponed':
    case 'emptied':
      return { kind: tried.kind, delivery }
    case 'part':
      return { kind: 'held', delivery, part: tried.part }
    case 'waits':
    case 'unknown':
    case 'unanswered':
      return { kind: WITHOUT_PERMIT[tried.kind], delivery }
  }
  const { sent } = tried
  const eventIds = sent?.map(({ eventId }) => eventId) ?? []
  const answer = readJointAnswer(tried.outcome, eventIds)
  const { outcome } = answer
  const number = delivery.attempts + 1
  const chance = { delayScale: ports.settings.delayScale, random: ports.random() }
  const retryIndex = Math.max(number, (delivery.retryIndex ?? 0) + 1)
  const { failureHandling } = target
  const { disposition, parts } = jointDisposition(answer, (outcome) =>
    dispositionOf({ outcome, attempt: number, retryIndex, failureHandling }, chance),
  )
  const made = toAttempt(
    { id: newId(at), eventId: event.id, eventType: event.type, run, attempt: number, at },
    outcome,
  )
  const nextAttemptAt =
    disposition.kind === 'retry' ? at + outcome.durationMs + disposition.delaySeconds * 1_000 : null
  logAttempt({ delivery, made, disposition, events: sent?.length, trace: tried.trace }, ports)
  const pauseSeconds = askedDelay(outcome) * ports.settings.delayScale
  return {
    kind: 'attempted',
    delivery,
    attempt: { ...made, nextAttemptAt },
    disposition,
    pauseSeconds,
    ...(outcome.allowedPerMinute !== undefined && { allowedPerMinute: outcome.allowedPerMinute }),
    ...(outcome.kind === 'failed' && outcome.isUnsent && { isUnsent: true }),
    ...(parts && { parts }),
    ...(sent && { sent }),
    ...(tried.trace && { trace: tried.trace }),
  }
}

/** What came of a request; `sent`: the events that it told of, where there may be several. */
interface Answered {
  readonly kind: 'answered'
  readonly outcome: Outcome
  readonly sent?: readonly SentPart[]
  readonly trace?: TraceContext | null | undefined
}

async function tryOnce(
  delivery: Delivery,
  at: number,
  { steps, ask }: { readonly steps: StepBudget; readonly ask: AskMonitor },
  ports: AttemptPorts,
): Promise<
  Answered | PreparedPart | { readonly kind: 'waits' | 'unknown' | 'unanswered' | 'emptied' }
> {
  const { event, target, run, attempts } = delivery
  try {
    // What was attempted has passed the filter.
    const isChosen = delivery.isChosen === true || attempts > 0
    const shaping = { steps, isChosen }
    if (delivery.isPart) return await toPart(event, target, shaping, ports)
    const parts = run === JOINT_RUN ? await ask.partsOf(delivery) : null
    if (parts === 'unanswered') return { kind: parts }
    if (parts?.length === 0) return { kind: 'emptied' }
    const prepared =
      parts === null
        ? await toRequest(event, target, at, shaping, ports)
        : await toJointRequest(event.id, parts, target, at, ports)
    if (prepared.kind !== 'request') return prepared
    const permit = delivery.isRated ? await ask.takePermit(delivery) : 'granted'
    if (permit !== 'granted') return { kind: permit }
    const sent = parts?.map(toSentPart)
    const outcome = await ports.send(prepared.request)
    const trace = parts === null ? event.trace : sharedTrace(parts.map(({ event }) => event))
    return { kind: 'answered', outcome, trace, ...(sent && { sent }) }
  } catch (error) {
    // A request that cannot be made (a damaged secret, say) fails like one that nobody answers: retried, then kept.
    ports.log({
      event: 'attempt.crashed',
      webhookId: target.webhook.id,
      eventId: event.id,
      error: error instanceof Error ? error.name : 'unknown',
      stack: framesOf(error),
    })
    const what = 'The request could not be created.'
    // It is among others, of which none is to wait for it.
    if (delivery.isPart) return { kind: 'unsendable', reason: what }
    return { kind: 'answered', outcome: unsent(what) }
  }
}

function toSentPart({ event, run, attempts }: DeliverMessage): SentPart {
  return { eventId: event.id, eventType: event.type, run, attempts }
}

/** An outcome as an attempt shows it. */
export function toAttempt(
  which: Pick<Attempt, 'id' | 'eventId' | 'eventType' | 'run' | 'attempt' | 'at'>,
  outcome: Outcome,
): Attempt {
  return {
    ...which,
    outcome: outcome.kind,
    statusCode: outcome.statusCode,
    durationMs: outcome.durationMs,
    error: outcome.kind === 'failed' ? outcome.error : null,
    responseExcerpt: outcome.responseExcerpt ?? null,
    ...(outcome.kind === 'failed' &&
      outcome.responseFacts && { responseFacts: outcome.responseFacts }),
    nextAttemptAt: null,
  }
}
