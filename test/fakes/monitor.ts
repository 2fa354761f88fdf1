// A webhook monitor, in memory: the same decisions as the Durable Object's, on plain maps, and the same way of sending.

import { DEFAULT_FAILURE_HANDLING } from '../../src/engine/attempt/failure-handling.ts'
import { keysOfEvents } from '../../src/engine/attempt/order-key.ts'
import { ORDER } from '../../src/engine/expressions/bounds.ts'
import {
  type AppliedReport,
  applyReport,
  type Change,
} from '../../src/engine/health/apply-report.ts'
import { isAskedFor } from '../../src/engine/health/attempt-filter.ts'
import {
  INITIAL_HEALTH,
  isRated,
  mayWait,
  resumedHealth,
  toMonitorState,
  waits,
  withHold,
} from '../../src/engine/health/health.ts'
import { endPause, isDue, isOver } from '../../src/engine/health/hold.ts'
import { isJoint, nextJoint, toldBatching } from '../../src/engine/health/joint-delivery.ts'
import { operationalEvent } from '../../src/engine/health/operational-event.ts'
import { NO_TURN, nextOfKey, toldOrdering } from '../../src/engine/health/order.ts'
import { oldestWaiting, toldPause } from '../../src/engine/health/pause.ts'
import { endPermit, NO_PERMITS } from '../../src/engine/health/permits.ts'
import {
  answerPermit,
  nameOf,
  nextLatency,
  nextRatedRelease,
  toldAllowed,
  toldThrottle,
} from '../../src/engine/health/rate.ts'
import {
  cancelledState,
  erasedState,
  heldState,
  openRun,
  runThatTells,
  runToJoin,
  stateOfEvent,
  UNTRIED,
  withFirst,
} from '../../src/engine/health/runs.ts'
import { withoutContent } from '../../src/engine/health/without-content.ts'
import {
  fromDeliveryText,
  toDeliverMessage,
  toDeliveryText,
  toResendMessage,
} from '../../src/engine/messages/delivery-message.ts'
import type {
  Attempt,
  DeliveryState,
  DivertedEvent,
  Health,
  JobProgress,
  Ordering,
  Pause,
  Run,
  RunState,
} from '../../src/engine/model/index.ts'
import {
  batchOf,
  deliveredIn,
  FIRST_RUN,
  HourlySums,
  hasEnded,
  hasResponseContent,
  isPaused,
  JOINT_RUN,
  orderOf,
  withoutResponseContent,
} from '../../src/engine/model/index.ts'
import type {
  DeliverMessage,
  Monitor,
  OperationalEvent,
  Report,
  ReportEntry,
  WebhookRef,
} from '../../src/engine/ports/index.ts'
import { PAUSE } from '../../src/limits.ts'
import { readAttemptCursor, readDivertedCursor } from '../../src/platform/durable/cursor.ts'
import { flush, type Outbox } from '../../src/platform/durable/outbox.ts'
import { cutPage } from '../../src/platform/durable/page.ts'
import type { Content } from '../../src/platform/durable/webhook-monitor/erase.ts'
import { CURSORS } from '../../src/primitives/cursor.ts'
import { Histogram } from '../../src/primitives/histogram.ts'
import { newId, timeOf } from '../../src/primitives/ids.ts'
import { RETENTION } from '../../src/retention.ts'
import { HOLD, LOG } from '../../src/tuning.ts'
import { FakeObject, type Surroundings } from './fake-object.ts'
import { MemoryHeld } from './held.ts'
import { MemoryJoints } from './joints.ts'
import { MemoryPlaces } from './places.ts'

/** Milliseconds that `health` looks back. */
const DAY_MS = 86_400_000

interface Written {
  readonly at: number
  readonly attempts: readonly Attempt[]
  readonly counts: AppliedReport['counts']
  readonly latencies: AppliedReport['latencies']
}

interface Kept {
  readonly diverted: DivertedEvent
  readonly run: Run | null
  /** The job that sends it, and whether its message is sent. */
  readonly job: string | null
  readonly sent: boolean
}

interface Job extends JobProgress {
  readonly ref: WebhookRef
}

interface Resent {
  readonly text: string
  readonly eventId: string
  readonly job: string
}

export interface MemoryMonitor extends Monitor {
  readonly object: FakeObject
  /** What it knows of an event, run by run. */
  readonly runsOf: (eventId: string) => readonly RunState[]
  /** What goes together in a joint delivery. */
  readonly together: (jointId: string) => readonly DeliverMessage[]
  readonly erase: (eventIds: readonly string[], wherePresent?: boolean) => Promise<void>
  /** Has it erase what it has of events that were published until a time, as somebody says of each. */
  readonly eraseWhat: (toVerdict: (one: Content) => Verdict, until: number) => Promise<void>
}

/** What is erased of an event. */
export type Verdict = 'all' | 'excerpts' | 'nothing'

export function createMemoryMonitor(around: Surroundings): MemoryMonitor {
  const { clock, delayScale, send } = around
  let purged = false
  let health: Health = INITIAL_HEALTH
  const reportIds = new Set<string>()
  const written: Written[] = []
  const deliveries = new Map<string, RunState & { readonly eventId: string }>()
  const diverted = new Map<string, Kept>()
  const held = new MemoryHeld()
  const joints = new MemoryJoints(held)
  const places = new MemoryPlaces(held)
  let permits = NO_PERMITS
  /** As they are written: what ended since the last one was given is forgotten at a restart. */
  let writtenPermits = NO_PERMITS
  let latencyMs = 0
  const erased = new Set<string>()
  const asErased = <State extends RunState | DeliveryState>(
    eventId: string,
    state: State,
  ): State =>
    erased.has(eventId) && !hasEnded(state.status) ? { ...state, ...erasedState(state) } : state

  const deliveriesOf = (eventId: string): readonly RunState[] =>
    [...deliveries.values()]
      .filter((delivery) => delivery.eventId === eventId)
      .map(({ eventId: _, ...state }) => state)
  /** With what was delivered at once, which a failure reported late must not hide. */
  const knownOf = (eventId: string) =>
    withFirst(deliveriesOf(eventId), firstAttempt(eventId, FIRST_RUN))

  const apply = (change: Change) => {
    if (change.kind === 'delivery') {
      const { eventId, run } = change.key
      deliveries.set(`${eventId}/${run}`, { ...change.state, eventId, run })
    } else if (change.kind === 'hold') {
      joints.leave(change.key)
      held.put(change.key, change.message)
    } else if (change.kind === 'unhold') held.delete(change.key)
    else if (change.kind === 'divert') {
      const { id } = change.diverted.event
      const { run = null, job = null, sent = false } = diverted.get(id) ?? {}
      diverted.set(id, { diverted: change.diverted, run, job, sent })
    } else if (change.kind === 'undivert') diverted.delete(change.eventId)
    else {
      const kept = diverted.get(change.eventId)
      if (kept?.run === change.run) diverted.set(change.eventId, { ...kept, run: null })
    }
  }

  const firstAttempt = (eventId: string, run: Run): DeliveryState => {
    const found = written
      .flatMap(({ attempts }) => attempts)
      .find((one) => one.eventId === eventId && one.run === run && one.outcome === 'delivered')
    if (!found) return { ...UNTRIED, status: purged ? 'dropped' : 'pending' }
    const { attempt, at } = found
    return { ...UNTRIED, status: 'delivered', attempts: attempt, lastAttemptAt: at }
  }

  const outbox: { readonly text: string }[] = []
  const jobs = new Map<string, Job>()
  let doomed: WebhookRef | null = null
  /** Whose deletion was announced, be it gone or not. */
  let announced: WebhookRef | null = null
  const notices: Outbox = {
    pending: async () => outbox.slice(),
    send,
    markSent: (sent) => outbox.splice(0, sent.length),
  }
  const resendsOf = (job: string): Outbox<Resent> => ({
    pending: () => unsent(job),
    send,
    markSent,
  })
  const object = new FakeObject(
    () => [
      () => flush(notices),
      ...[...jobs].flatMap(([id, { state }]) =>
        state === 'running' ? [() => flush(resendsOf(id))] : [],
      ),
      forgetIfGone,
      leaveOrder,
      releaseHeld,
    ],
    around,
    {
      onRestart: () => {
        held.restart()
        permits = writtenPermits
        latencyMs = 0
        askedAt = 0
      },
    },
  )
  const toRelease = () => {
    const known = { permits, unpermitted: held.unpermitted, latencyMs }
    const about = { now: clock(), delayScale }
    const { counts, joint } = toGo()
    const { count, lookAt } = nextRatedRelease(health, counts, known, about)
    const looks = [lookAt, joint?.lookAt ?? null].filter((at) => at !== null)
    return { count, lookAt: looks.length > 0 ? Math.min(...looks) : null }
  }
  /** What would go now, if nobody had anything against it. */
  const toGo = () => {
    const batch = batchOf(health)
    if (batch === null) return { counts: held, joint: null }
    const joint = nextJoint(batch, held.waitingParts, clock())
    return { counts: { waiting: held.jointWaiting + joint.count, underWay: held.underWay }, joint }
  }
  const begin = (eventId: string) => {
    const about = { ...UNTRIED, status: 'held', eventId, run: JOINT_RUN } as const
    deliveries.set(`${eventId}/${JOINT_RUN}`, about)
  }
  const isWaiting = () => isPaused(health) && health.suspendedAt === null && held.waiting > 0
  let askedAt = 0
  const noteThatPaused = (pause: Pause) => {
    health = toldPause(health, pause, held, clock())
  }
  const goOn = (before: Ordering | undefined) => {
    if (health.ordering !== before || toRelease().count > 0) object.workSoon()
    else lookLater()
  }
  const lookLater = () => {
    const { lookAt } = toRelease()
    if (lookAt !== null) around.scheduleAlarm(lookAt)
  }

  async function releaseHeld(): Promise<boolean> {
    const now = clock()
    if (held.takeBackUnheard(now) >= HOLD.doubtedAfter) {
      doomed = held.webhook
      announced ??= doomed
    }
    const about = { now, delayScale, mayWait: mayWait(health) }
    if (health.hold !== null && isOver(health.hold, toGo().counts, about)) {
      health = withHold(health, null)
    }
    const { webhook } = held
    if (isWaiting() && webhook && now >= askedAt + PAUSE.lookSeconds * 1_000) {
      const pause = await around.pauseOf(webhook)
      askedAt = now
      if (pause !== null) noteThatPaused(pause)
    }
    const { count } = toRelease()
    const isOverdue = isWaiting() || (count === 0 && isRated(health))
    const most = Math.min(count, HOLD.stepDeliveries)
    const batch = batchOf(health)
    const released = isOverdue
      ? held.release(HOLD.stepDeliveries, now, oldestWaiting(now))
      : batch === null
        ? held.release(most, now)
        : joints.release(batch, most, now, begin)
    if (released.length === 0) {
      lookLater()
      return false
    }
    let sent = 0
    try {
      while (sent < released.length) {
        sent += await send(released.slice(sent).map(({ message }) => toDeliveryText(message)))
      }
    } finally {
      held.takeBackUncertain(released.slice(sent).map(({ key }) => key))
    }
    return true
  }
  /** After something was written of these events. */
  const settlePlaces = (eventIds: readonly string[]) => {
    for (const eventId of new Set(eventIds)) {
      const standing = places.standingOf(eventId)
      if (standing === null) continue
      const runs = deliveriesOf(eventId)
      if (runs.some(({ status }) => status === 'delivered')) places.end(eventId)
      if (standing === 'blocked') continue
      const status = runThatTells(runs, FIRST_RUN)?.status ?? 'pending'
      const next = nextOfKey(status, standing === 'turn' ? orderOf(health) : null)
      if (next === 'next') places.end(eventId)
      else if (next === 'blocked') places.block(eventId, clock())
    }
  }
  const writeOwn = (ref: WebhookRef, entries: readonly ReportEntry[]) => {
    const about = { id: newId(clock()), tenantId: ref.tenantId, webhookId: ref.id }
    write({ ...about, failureHandling: DEFAULT_FAILURE_HANDLING, entries })
  }
  async function leaveOrder(): Promise<boolean> {
    const overdue = places.waitingBelow(oldestWaiting(clock()))
    const [first] = overdue
    if (first !== undefined) {
      const why = { trigger: 'order', message: NO_TURN, at: clock() } as const
      writeOwn(
        { tenantId: first.tenantId, id: first.webhookId },
        overdue.map(({ event }) => {
          return { kind: 'skipped', eventId: event.id, run: FIRST_RUN, ...why, event }
        }),
      )
    }
    const order = orderOf(health)
    if (order === null) return places.release() || overdue.length > 0
    return (order.onFailure === 'continue' && places.unblock()) || overdue.length > 0
  }
  /** All of a report, as one. */
  const write = (reported: Report) => {
    const now = clock()
    const report = joints.withParts(reported, now)
    const known = { health, deliveriesOf: knownOf, held }
    const kept = withoutContent(report, (id) => erased.has(id))
    const result = applyReport(kept, known, { now, delayScale })
    const { counts, latencies } = result
    const made = kept.entries.flatMap((entry) => (entry.kind === 'attempt' ? [entry.attempt] : []))
    const attempts = made.filter(({ run }) => run !== JOINT_RUN)
    written.push({ at: now, attempts, counts, latencies })
    for (const change of result.changes) apply(change)
    for (const attempt of made) permits = endPermit(permits, nameOf(attempt))
    for (const notice of result.operationalEvents) tell(notice)
    health = result.health
    for (const entry of kept.entries.filter(isJoint)) {
      joints.retain(
        entry.kind === 'attempt' ? entry.attempt.eventId : entry.eventId,
        ({ event, run }) => {
          const state = deliveries.get(`${event.id}/${run}`)
          return state !== undefined && !hasEnded(state.status)
        },
      )
    }
    settlePlaces(
      kept.entries.map((one) => (one.kind === 'attempt' ? one.attempt.eventId : one.eventId)),
    )
    return result
  }
  const tell = (notice: OperationalEvent) => {
    outbox.push({ text: toDeliveryText({ kind: 'notice', notice }) })
  }

  async function unsent(job: string): Promise<readonly Resent[]> {
    const ref = jobs.get(job)?.ref
    const left = [...diverted.values()].flatMap(
      ({ diverted: { event }, run, job: whose, sent }) => {
        if (run === null || sent || whose !== job || ref === undefined) return []
        const attempts = deliveries.get(`${event.id}/${run}`)?.attempts ?? 0
        const isChosen = deliveriesOf(event.id).some((one) => one.attempts > 0)
        const message = toResendMessage(ref, event, { run, attempts, carrier: job, isChosen })
        return [{ text: toDeliveryText(message), job, eventId: event.id }]
      },
    )
    if (left.length === 0) endJob(job, 'done')
    return left.slice(0, LOG.jobStepMessages)
  }

  function markSent(sent: readonly Resent[]) {
    for (const { eventId, job } of sent) {
      const kept = diverted.get(eventId)
      if (kept?.job === job) diverted.set(eventId, { ...kept, sent: true })
      const known = jobs.get(job)
      if (known) jobs.set(job, { ...known, done: known.done + 1 })
    }
  }

  function endJob(id: string, state: 'done' | 'cancelled'): boolean {
    const job = jobs.get(id)
    if (job?.state !== 'running') return false
    jobs.set(id, { ...job, state, total: job.total ?? job.done, endedAt: clock() })
    return true
  }

  async function forgetIfGone(): Promise<boolean> {
    if (doomed !== null && !(await around.isConfigured(doomed))) await handOverAndPurge()
    doomed = null
    return false
  }

  async function handOverAndPurge(): Promise<void> {
    if (announced !== null && !purged && around.keepDeliveries) {
      const own = [...deliveries.values()].filter(({ run }) => run !== JOINT_RUN)
      const runs = own.map(({ eventId }) => eventId)
      const attempts = written.flatMap((one) => one.attempts).map(({ eventId }) => eventId)
      const kept = [...new Set([...runs, ...attempts])].map((eventId) => {
        const { status, attempts, lastAttemptAt, reason } = stateOfEvent(
          deliveriesOf(eventId),
          firstAttempt(eventId, FIRST_RUN),
        )
        return { eventId, status, attempts, lastAttemptAt, reason }
      })
      await around.keepDeliveries(announced.tenantId, announced.id, kept)
    }
    purge()
  }

  function purge(): void {
    purged = true
    health = INITIAL_HEALTH
    reportIds.clear()
    written.length = 0
    deliveries.clear()
    diverted.clear()
    held.clear()
    joints.clear()
    places.clear()
    jobs.clear()
    outbox.length = 0
  }

  /** The run that a job sends a diverted event again in, unless that has ended. */
  const claimedRun = (eventId: string): Run | null => {
    const run = diverted.get(eventId)?.run ?? null
    const known = deliveriesOf(eventId).find((one) => one.run === run)
    return known && hasEnded(known.status) ? null : run
  }

  const eraseExcerpts = (isMeant: (attempt: Attempt) => boolean) => {
    for (const [place, { attempts, ...rest }] of written.entries()) {
      const bare = attempts.map((one) => (isMeant(one) ? withoutResponseContent(one) : one))
      written[place] = { ...rest, attempts: bare }
    }
  }
  const eraseEvents = (eventIds: readonly string[], wherePresent = false) => {
    if (purged) return
    const attempted = written.flatMap(({ attempts }) => attempts.map(({ eventId }) => eventId))
    const isKnown = (id: string) =>
      deliveriesOf(id).length > 0 || diverted.has(id) || attempted.includes(id)
    const meant = wherePresent ? eventIds.filter(isKnown) : eventIds
    for (const id of meant) {
      erased.add(id)
      diverted.delete(id)
      for (const { run, ...state } of deliveriesOf(id)) {
        held.delete({ eventId: id, run })
        joints.leave({ eventId: id, run })
        places.end(id)
        if (hasEnded(state.status)) continue
        deliveries.set(`${id}/${run}`, { ...erasedState(state), run, eventId: id })
      }
    }
    eraseExcerpts(({ eventId }) => meant.includes(eventId))
    const left = outbox.filter(({ text }) => {
      const message = fromDeliveryText(text)
      return !(message?.kind === 'deliver' && meant.includes(message.event.id))
    })
    outbox.splice(0, outbox.length, ...left)
    goOn(health.ordering)
  }

  return {
    object,
    runsOf: knownOf,
    together: (id) => joints.partsOf(id),
    async report(report) {
      if (purged) return { ...toMonitorState(INITIAL_HEALTH), isNew: false }
      const whole = report.id.split('/')[0] ?? report.id
      const isKnown = reportIds.has(report.id) || reportIds.has(whole)
      // A whole of which a piece was written: all pieces are on their way.
      const isPieced = [...reportIds].some((id) => id.startsWith(`${report.id}/`))
      if (isKnown || isPieced) return { ...toMonitorState(health), isNew: false }
      const { version, ordering } = health
      reportIds.add(report.id)
      const result = write(report)
      if (result.operationalEvents.length > 0) object.workSoon()
      else goOn(ordering)
      return { ...toMonitorState(health), isNew: health.version !== version }
    },
    states: async (keys) =>
      keys.map(({ eventId, run, turn }) => {
        if (run === FIRST_RUN && places.standingOf(eventId) === 'waiting') {
          const [first = { ...UNTRIED, run }] = deliveriesOf(eventId).filter(
            (one) => one.run === run,
          )
          return asErased(eventId, { ...first, status: 'withdrawn' })
        }
        const isCarried = !held.hear({ eventId, run, turn }, clock())
        const told = runThatTells(deliveriesOf(eventId), run)
        const state = told ?? { ...firstAttempt(eventId, run), run }
        const isReleased = isDue(health.hold, held.stateOf({ eventId, run: state.run }), clock())
        const shown = heldState(state, { isOnHold: waits(health), isReleased, isCarried })
        const isKept = !isCarried && held.stateOf({ eventId, run }) !== null
        const rated = isRated(health) ? ({ isRated: true } as const) : {}
        return asErased(eventId, { ...shown, ...(isKept && { isKept }), ...rated })
      }),
    lastAnswers: async (ids) =>
      ids.map((id) => {
        const own = written.flatMap(({ attempts }) => attempts).filter((one) => one.eventId === id)
        const last = own.toSorted((a, b) => a.at - b.at).at(-1)
        return last ? { at: last.at, statusCode: last.statusCode } : null
      }),
    statesOfEvents: async (ids) =>
      ids.map((id) => asErased(id, stateOfEvent(deliveriesOf(id), firstAttempt(id, FIRST_RUN)))),
    async attempts({ limit, cursor, ...query }) {
      // A position counts from the oldest, so that what is reported meanwhile does not move it.
      const [end] = readAttemptCursor(cursor) ?? []
      const oldestFirst = written.flatMap(({ attempts }) =>
        attempts.toSorted((a, b) => a.at - b.at),
      )
      const found = [...oldestFirst.entries()]
        .slice(0, end)
        .toReversed()
        .filter(([, one]) => isAskedFor(one, query))
      const shown = found.slice(0, limit)
      const last = shown.at(-1)
      const nextCursor = found.length > limit && last ? CURSORS.attempts.write(last[0], 0) : null
      return { items: shown.map(([, one]) => one), nextCursor }
    },
    async oldestUndelivered() {
      const isOpen = (id: string) =>
        !hasEnded(asErased(id, stateOfEvent(deliveriesOf(id), firstAttempt(id, FIRST_RUN))).status)
      const own = [...deliveries.values()].filter(({ run }) => run !== JOINT_RUN)
      const [oldest] = [...new Set(own.map(({ eventId }) => eventId))].filter(isOpen).toSorted()
      return oldest === undefined ? null : timeOf(oldest)
    },
    async activity(since) {
      const sums = new HourlySums()
      for (const { at, counts, latencies } of written) {
        if (at < since) continue
        sums.add(at, { failed: counts.failed, diverted: counts.diverted })
        for (const ms of latencies) sums.add(at, deliveredIn(ms))
      }
      return sums.hours
    },
    async health() {
      const lately = written.filter(({ at }) => at >= clock() - DAY_MS)
      const sum = (name: keyof AppliedReport['counts']) =>
        lately.reduce((total, { counts }) => total + counts[name], 0)
      const latencies = new Histogram()
      for (const ms of lately.flatMap((one) => one.latencies)) latencies.add(ms)
      return {
        health,
        ...joints.eventCounts(batchOf(health), clock()),
        order: { waiting: places.waiting, blocked: places.blocked(ORDER.blockedShown) },
        totals: {
          delivered: sum('delivered'),
          failed: sum('failed'),
          diverted: sum('diverted'),
          unsendable: sum('unsendable'),
        },
        latencies: latencies.toPairs(),
      }
    },
    async resume(tenantId, webhookId) {
      health = toldAllowed(health, null, held, clock())
      health = withHold(health, endPause(health.hold, clock()))
      if (health.hold !== null) object.workSoon()
      if (purged || health.suspendedAt === null)
        return { state: toMonitorState(health), resumed: false }
      health = resumedHealth(health)
      const about = { report: { tenantId, webhookId }, health, now: clock() }
      tell(operationalEvent('webhook.resumed', 'resumed', about))
      object.workSoon()
      return { state: toMonitorState(health), resumed: true }
    },
    async cancel({ eventIds, eventTypes, after, before }, from) {
      const typeOf = (id: string) =>
        joints.messages().find(({ event }) => event.id === id)?.event.type ??
        held.events().find((event) => event.id === id)?.type ??
        places.messages.find(({ event }) => event.id === id)?.event.type ??
        diverted.get(id)?.diverted.event.type ??
        written.flatMap(({ attempts }) => attempts).find(({ eventId }) => eventId === id)?.eventType
      const open = [...deliveries.entries()]
        .filter(
          ([key, { eventId, run, status }]) =>
            run !== JOINT_RUN &&
            !hasEnded(status) &&
            key > (from ?? '') &&
            (after === undefined || timeOf(eventId) > after) &&
            (before === undefined || timeOf(eventId) < before) &&
            (eventIds === undefined || eventIds.includes(eventId)),
        )
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, LOG.claimedEvents)
      const meant = open.filter(([, { eventId }]) => {
        const type = eventTypes === undefined ? undefined : typeOf(eventId)
        return eventTypes === undefined || (type !== undefined && eventTypes.includes(type))
      })
      for (const [key, { eventId, run, ...state }] of meant) {
        held.delete({ eventId, run })
        joints.leave({ eventId, run })
        deliveries.set(key, { ...cancelledState(state), eventId, run })
        apply({ kind: 'resendable', eventId, run })
        if (run === FIRST_RUN) places.end(eventId)
      }
      if (meant.length > 0) object.workSoon()
      const next = open.length === LOG.claimedEvents ? (open.at(-1)?.[0] ?? null) : null
      return { cancelled: meant.length, next }
    },
    async notePause(pause) {
      if (!purged) noteThatPaused(pause)
      object.workSoon()
      return toMonitorState(health)
    },
    async noteRate({ throttle, allowedPerMinute }) {
      const now = clock()
      const told = toldThrottle(health, throttle, held, now)
      if (!purged) health = toldAllowed(told, allowedPerMinute, held, now)
      object.workSoon()
      return toMonitorState(health)
    },
    async noteOrdering(ordering) {
      if (!purged) health = toldOrdering(health, ordering)
      object.workSoon()
      return toMonitorState(health)
    },
    async noteBatching(batching) {
      if (!purged) health = toldBatching(health, batching, held, clock())
      object.workSoon()
      return toMonitorState(health)
    },
    partsOf: async (id) => joints.partsOf(id),
    async lineUp({ ref, log, webhook, deliveries: asked }) {
      const last = asked.at(-1)?.number ?? 0
      if (purged) return last
      const fresh = asked.filter(({ number }) => number > places.upTo(log))
      const keys = await keysOfEvents(
        fresh.map(({ event, ordering }) => ({ event, order: orderOf({ ordering }) })),
        { ...webhook, id: ref.id },
      )
      if (purged) return last
      const unsendable: ReportEntry[] = []
      const before = places.upTo(log)
      const { ordering } = health
      for (const [index, key] of keys.entries()) {
        const delivery = fresh[index]
        if (delivery === undefined || delivery.number <= before) continue
        const { number, event } = delivery
        places.noteUpTo(log, number)
        health = toldOrdering(health, delivery.ordering)
        if (erased.has(event.id)) continue
        const about = { eventId: event.id, run: FIRST_RUN }
        if (key.kind === 'failed') {
          unsendable.push({ kind: 'unsendable', ...about, message: key.reason, at: clock() })
          continue
        }
        const message = toDeliverMessage(ref, event, {
          ...{ run: FIRST_RUN, attempts: 0, role: 'watchdog' },
        })
        if (orderOf(health) === null) held.put(about, message)
        else if (!places.add(event.id, key.key, message)) continue
        deliveries.set(`${event.id}/`, { ...UNTRIED, status: 'held', ...about })
      }
      if (unsendable.length > 0) writeOwn(ref, unsendable)
      goOn(ordering)
      return places.upTo(log)
    },
    async skipBlocked(key) {
      const isSkipped = !purged && places.skip(key)
      if (isSkipped) object.workSoon()
      return isSkipped
    },
    async permit(ask) {
      if (purged) return { kind: 'unknown' }
      const now = clock()
      const known = { health, permits, state: held.stateOf(ask), waiting: held.waiting }
      const asked = answerPermit(ask, known, now)
      const seenMs = held.msSinceRelease(ask, now)
      if (seenMs !== null) latencyMs = nextLatency(latencyMs, seenMs)
      health = asked.health
      if (asked.goesBack) held.takeBack([ask])
      if (asked.answer.kind === 'granted') held.permit(ask)
      if (asked.permits !== permits) writtenPermits = asked.permits
      permits = asked.permits
      goOn(health.ordering)
      return asked.answer
    },
    async endRequest(key) {
      permits = endPermit(permits, nameOf(key))
      goOn(health.ordering)
    },
    async diverted({ limit, cursor, offset = 0 }) {
      const before = readDivertedCursor(cursor) ?? undefined
      const found = [...diverted.values()]
        .map((kept) => kept.diverted)
        .toSorted((a, b) => (a.event.id < b.event.id ? 1 : -1))
        .filter(({ event }) => before === undefined || event.id < before)
        .slice(offset)
      const { items, more } = cutPage(found, limit)
      const last = items.at(-1)
      return { items, nextCursor: more && last ? CURSORS.diverted.write(last.event.id) : null }
    },
    async eraseExcerpt(eventId, attemptId) {
      eraseExcerpts((one) => one.eventId === eventId && one.id === attemptId)
    },
    erase: async (eventIds, wherePresent) => eraseEvents(eventIds, wherePresent),
    async eraseWhat(toVerdict, until) {
      const told = written.flatMap(({ attempts }) => attempts.filter(hasResponseContent))
      const all: Content[] = [
        ...[...diverted.values()].map(({ diverted: { event } }) => {
          return { kind: 'diverted', eventId: event.id, scope: event.scope } as const
        }),
        ...places.messages.map(({ event: { id, scope } }) => {
          return { kind: 'placed', eventId: id, scope } as const
        }),
        ...joints.messages().map(({ event: { id, scope } }) => {
          return { kind: 'joined', eventId: id, scope } as const
        }),
        ...held.events().map(({ id, scope }) => {
          return { kind: 'held', eventId: id, scope } as const
        }),
        ...[...deliveries.values()].flatMap(({ eventId, run, status }) =>
          hasEnded(status) || run === JOINT_RUN
            ? []
            : [{ kind: 'open', eventId, scope: null } as const],
        ),
        ...told.map(({ eventId }) => ({ kind: 'excerpt', eventId, scope: null }) as const),
      ]
      const verdicts = all
        .filter(({ eventId }) => timeOf(eventId) <= until)
        .map((one) => ({ ...one, verdict: toVerdict(one) }))
      const ids = (verdict: Verdict) =>
        verdicts.filter((one) => one.verdict === verdict).map(({ eventId }) => eventId)
      eraseEvents(ids('all'))
      const nobodys = ids('excerpts')
      eraseExcerpts(({ eventId }) => nobodys.includes(eventId))
    },
    findDiverted: async (eventId) => diverted.get(eventId)?.diverted ?? null,
    deleteDiverted: async (eventId) => diverted.delete(eventId),
    async resend(ref, event, { wasMatched, isChosen }) {
      if (purged || erased.has(event.id) || places.standingOf(event.id) === 'waiting') return true
      const known = runToJoin(deliveriesOf(event.id), claimedRun(event.id))
      const isUnseen =
        deliveriesOf(event.id).length === 0 &&
        firstAttempt(event.id, FIRST_RUN).status === 'pending'
      if (known === undefined && wasMatched && isUnseen) return false
      const carrier = newId(clock())
      const { run, ...state } = known ?? { ...UNTRIED, run: carrier }
      deliveries.set(`${event.id}/${run}`, { ...state, carrier, eventId: event.id, run })
      const about = { run, attempts: state.attempts, carrier, isChosen }
      outbox.push({ text: toDeliveryText(toResendMessage(ref, event, about)) })
      object.workSoon()
      return true
    },
    async resendDiverted(
      ref,
      id,
      { since = 0, until = Number.MAX_SAFE_INTEGER, eventTypes, eventId },
    ) {
      const known = jobs.get(id)
      if (purged) return 0
      if (known) return known.total
      const claimed = [...diverted.entries()].filter(
        ([, { diverted: kept }]) =>
          kept.divertedAt >= since &&
          kept.divertedAt < until &&
          (eventTypes === undefined || eventTypes.includes(kept.event.type)) &&
          (eventId === undefined || eventId === kept.event.id),
      )
      for (const [event, kept] of claimed) {
        const open = openRun(deliveriesOf(event))
        const run = open?.run ?? claimedRun(event) ?? id
        diverted.set(event, { ...kept, run, job: id, sent: false })
        if (open) deliveries.set(`${event}/${run}`, { ...open, carrier: id, eventId: event })
      }
      const isOver = claimed.length === 0
      if (isOver && eventId !== undefined) return 0
      // All at once, which no caller can tell from a few at a time.
      const total = claimed.length < LOG.claimedEvents ? claimed.length : null
      const progress = { done: 0, total, error: null }
      const endedAt = isOver ? clock() : null
      jobs.set(id, { ...progress, state: isOver ? 'done' : 'running', endedAt, ref })
      if (!isOver) object.workSoon()
      return total
    },
    async job(id) {
      const job = jobs.get(id)
      if (job === undefined) return null
      const { ref: _, ...progress } = job
      return progress
    },
    async cancelJob(id) {
      const isStopped = endJob(id, 'cancelled')
      for (const [event, kept] of diverted) {
        if (!isStopped || kept.job !== id || kept.sent) continue
        diverted.set(event, { ...kept, run: kept.run === id ? null : kept.run, sent: true })
      }
      return isStopped
    },
    async expectDeletion(ref) {
      doomed = ref
      announced = ref
      around.scheduleAlarm(clock() + RETENTION.outboxSeconds * 1_000)
    },
    async purge() {
      await handOverAndPurge()
    },
  }
}
