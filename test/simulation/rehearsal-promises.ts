// What must hold after a play in which one thing went wrong (docs/contracts/delivery.md, "Guarantees"
// and "Failure handling"), and which second requests that one thing explains.

import { retriesOf } from '../../src/engine/attempt/disposition.ts'
import { withFirstOutcome } from '../../src/engine/health/runs.ts'
import { hasEnded } from '../../src/engine/model/index.ts'
import { FIRST_ATTEMPTS } from '../../src/tuning.ts'
import type { Fired } from '../fakes/injector.ts'
import { LATE_MS, type Sent } from '../fakes/world.ts'
import { type Receiver, type Rehearsal, TYPE } from './rehearsal.ts'

/** Every promise that was broken, as sentences. */
export async function checkRehearsal(stage: Rehearsal): Promise<string[]> {
  const broken: string[] = []
  for (const request of stage.world.sent) {
    const why = stage.closed.get(`${request.batch}/${request.url}`)
    if (why) broken.push(`${request.url} is ${why} and got ${request.eventId}`)
  }
  for (const receiver of stage.receivers) {
    const { webhooks, monitor } = stage.world.truth
    const configured = await webhooks.find({ tenantId: stage.tenantId, id: receiver.id })
    const { health } = await monitor(receiver.id).health()
    if (configured && configured.suspendedAt !== health.suspendedAt)
      broken.push(`${receiver.url} is not suspended in the database as in its memory`)
    const isForNobody = await Promise.all(stage.accepted.map((id) => isCancelledNow(stage, id)))
    for (const eventId of stage.accepted.filter((_, index) => !isForNobody[index])) {
      const say = (what: string) => broken.push(`${eventId} at ${receiver.url}: ${what}`)
      for (const what of await checkEvent(stage, receiver, eventId)) say(what)
    }
  }
  broken.push(...(await checkScheduled(stage)), ...checkRates(stage), ...checkOrders(stage))
  broken.push(...(await checkOtherDoors(stage)))
  broken.push(...checkSecondRequests(stage))
  for (const queue of ['events', 'deliveries'] as const) {
    if (stage.world.queues[queue].length > 0) broken.push(`the queue ${queue} is not empty`)
  }
  return broken
}

async function isCancelledNow({ world, cancelled }: Rehearsal, id: string): Promise<boolean> {
  if (!cancelled.has(id)) return false
  return (await world.truth.eventLog.find(id))?.cancelledAt !== undefined
}

/** Nothing leaves before its time, or once it is cancelled, and nothing waits for ever. */
async function checkScheduled(stage: Rehearsal): Promise<string[]> {
  const broken: string[] = []
  for (const { eventId, at } of stage.world.sent) {
    if (at < (stage.due.get(eventId) ?? 0)) broken.push(`${eventId} was sent too early, at ${at}`)
  }
  for (const [id, how] of stage.cancelled) {
    const isCancelled = await isCancelledNow(stage, id)
    const isSent = stage.world.sent.some(({ eventId }) => eventId === id)
    if (how === 'surely' && !isCancelled) broken.push(`${id} was cancelled and does not say so`)
    if (isCancelled && isSent) broken.push(`${id} was cancelled and sent`)
  }
  const { items } = await stage.world.truth.eventLog.list({ limit: 1_000, isScheduled: true })
  return [...broken, ...items.map(({ id }) => `${id} still waits for its time`)]
}

/** No second has more requests than a receiver was to get since. */
function checkRates({ world, rated }: Rehearsal): string[] {
  return [...rated].flatMap(([{ url }, { since, perSecond }]) => {
    const times = world.sent.filter((one) => one.url === url && one.at >= since).map(({ at }) => at)
    const above = times.filter(
      (at) => times.filter((t) => t > at - 1_000 && t <= at).length > perSecond,
    )
    return above.map((at) => `${url} got more than ${perSecond} a second, at ${at}`)
  })
}

/** Nothing is sent after what was accepted later, unless it had been received before. */
function checkOrders({ world, ordered }: Rehearsal): string[] {
  return [...ordered].flatMap(([{ url }, since]) => {
    const arrivals = world.arrivals().filter(({ at }) => at > since)
    const sent = world.sent.filter((one) => one.url === url)
    return sent.flatMap(({ eventId }, place) => {
      const own = arrivals.find(({ id }) => id === eventId)
      const later = arrivals.filter(({ log, row }) => own && log === own.log && row > own.row)
      const before = sent.slice(0, place)
      const wasReceived = before.some((one) => one.eventId === eventId && one.behaviour === 'ok')
      const passing = before.find((one) => later.some(({ id }) => id === one.eventId))
      return passing && !wasReceived ? [`${passing.eventId} overtook ${eventId} at ${url}`] : []
    })
  })
}

/** What came by the queue is in the log, once each, beside what was accepted; what nobody can read is kept. */
async function checkOtherDoors({ world, accepted, produced, garbled }: Rehearsal) {
  const { truth } = world
  const { items } = await truth.eventLog.list({ limit: 1_000 })
  const others = items.filter(({ id, type }) => type === TYPE && !accepted.includes(id))
  const letters = await truth.deadLetters.list({ limit: 100, before: null })
  return [
    ...(others.length < produced ? [`${others.length} of ${produced} produced events`] : []),
    ...(letters.length === garbled ? [] : [`${letters.length} of ${garbled} dead letters`]),
  ]
}

async function checkEvent(stage: Rehearsal, receiver: Receiver, eventId: string) {
  const { truth, sent } = stage.world
  const logged = await truth.eventLog.find(eventId)
  if (!logged?.webhookIds.includes(receiver.id)) return ['it was accepted and never routed there']
  const broken: string[] = []
  const [told] = await truth.monitor(receiver.id).statesOfEvents([eventId])
  const [first] = await truth.eventLog.firstOutcomes([{ eventId, webhookId: receiver.id }])
  const state = told && first ? withFirstOutcome(told, first) : told
  const kept = await truth.monitor(receiver.id).findDiverted(eventId)
  const requests = sent.filter(({ url, eventId: id }) => url === receiver.url && id === eventId)
  // There is no fourth end.
  if (state?.status === 'delivered' && !requests.some(isReceived)) broken.push('never received')
  if (state?.status === 'diverted' && kept === null) broken.push('diverted and not kept')
  if (state?.status === 'dropped' && receiver.handling.divert) broken.push('dropped, not kept')
  const isOpen = state !== undefined && !hasEnded(state.status)
  if (isOpen) broken.push(`still ${state.status}`)
  for (const { run, status, attempts } of stage.world.runsOf(receiver.id, eventId)) {
    const made = requests.filter((request) => request.run === run)
    if (status !== 'diverted' && status !== 'dropped') continue
    const what = checkGivenUp(stage, receiver, { attempts, made })
    if (what) broken.push(what)
  }
  for (const asked of stage.resent) {
    if (asked.receiver !== receiver || asked.eventId !== eventId || !asked.isPromised) continue
    // What was under way when it was asked for counts as well: its answer is younger.
    const isLater = (request: Sent) =>
      sent.indexOf(request) >= asked.before ||
      (request.behaviour === 'slow' && request.at + LATE_MS.slow >= asked.at)
    const again = requests.some(
      (request) => (asked.joins || isLater(request)) && isReceived(request),
    )
    if (!again && kept === null) broken.push('it was to be sent again, and was not')
  }
  return broken
}

/** A delivery is given up when its schedule is exhausted, or its webhook does not take anything; never earlier. */
function checkGivenUp(
  { suspended, world }: Rehearsal,
  receiver: Receiver,
  { attempts, made }: { readonly attempts: number; readonly made: readonly Sent[] },
): string | null {
  const needed = retriesOf(receiver.handling.retry) + 1
  if (attempts < needed) {
    return suspended.has(receiver) ? null : `given up after ${attempts} of ${needed} attempts`
  }
  // A request that never left is an attempt as well.
  const unsent = world.fired?.name === 'send.post' && isBeforeEffect(world.fired) ? 1 : 0
  return made.length + unsent >= needed ? null : `exhausted after ${made.length} requests`
}

function isBeforeEffect({ mode }: Fired): boolean {
  return mode === 'before' || mode === 'stall' || mode === 'hang'
}

function isReceived({ behaviour }: Sent): boolean {
  return behaviour === 'ok' || behaviour === 'slow'
}

/** Requests that repeat, in one run, what the receiver took: only what went wrong may explain them. */
function checkSecondRequests({ world, resent }: Rehearsal): string[] {
  const broken: string[] = []
  const taken = new Map<string, { readonly request: Sent; readonly index: number }>()
  for (const [index, request] of world.sent.entries()) {
    const { url, eventId, run } = request
    const key = `${url} ${eventId} ${run}`
    const former = taken.get(key)
    const isAsked = resent.some(
      (asked) =>
        asked.receiver.url === url &&
        asked.eventId === eventId &&
        asked.before <= index &&
        (asked.before > (former?.index ?? 0) || isAwaited(former?.request, request)),
    )
    // To the log that run was on its way still, and somebody wanted its event once more, which may bring it a second message.
    const isExplained = isAsked || (world.fired && former && explains(world.fired, former, request))
    if (former && !isExplained) {
      const known = request.logged === 'delivered' ? 'although the log said delivered' : ''
      broken.push(`${eventId} was sent to ${url} a second time in run '${run}' ${known}`)
    }
    if (isReceived(request)) taken.set(key, { request, index })
  }
  return broken
}

/** Whether the answer to a request was still to come when the second one was sent. */
function isAwaited(first: Sent | undefined, second: Sent): boolean {
  return first?.behaviour === 'slow' && second.at - first.at <= LATE_MS.slow
}

/** Whether what went wrong makes a second request right. */
function explains(
  fired: Fired,
  first: { readonly request: Sent; readonly index: number },
  second: Sent,
): boolean {
  const { name, mode } = fired
  const inFirst = fired.batch === first.request.batch && fired.sent > first.index
  const isDeath = mode === 'hang' || mode === 'die'
  // Its answer was lost: to Hookline it failed.
  if (first.request.unheard) return true
  // Who sent it died before it was written down.
  if (inFirst && isDeath) return true
  const lateMs = fired.at - first.request.at
  // With an isolate dies what each of its publishes was about to write down.
  const isPublishs = first.request.batch === null && fired.sent > first.index
  if (isDeath && isPublishs && lateMs <= FIRST_ATTEMPTS.waveMs) return true
  if (first.request.behaviour === 'slow' && isDeath && lateMs <= LATE_MS.slow) return true
  // Who asked for it did not hear that it is sent, and asked once more.
  if (name === 'monitor.resend' && mode !== 'before') return true
  // An object that did not hear that its message was sent sent it once more, and the answer to the first was still to come.
  if (name === 'objects.send' && mode !== 'before' && isAwaited(first.request, second)) return true
  // The log could not be asked: at least once beats at most once.
  if (name === 'monitor.states' && fired.batch === second.batch) return true
  return false
}
