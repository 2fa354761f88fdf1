// A tenant's event log, in memory.

import { isAskedFor } from '../../src/engine/health/attempt-filter.ts'
import { lastOf, withFirstOutcome } from '../../src/engine/health/runs.ts'
import { toDeliveryText, toReplayMessage } from '../../src/engine/messages/delivery-message.ts'
import type {
  DayTotals,
  Event,
  FirstOutcome,
  JobProgress,
  KeptDelivery,
  LoggedEvent,
  Run,
} from '../../src/engine/model/index.ts'
import {
  addEvents,
  deliveredIn,
  expunge,
  HourlySums,
  isSystemEventType,
  LOG_SOURCE,
  NO_TOTALS,
  publishedAtOf,
} from '../../src/engine/model/index.ts'
import type {
  EventLog,
  JobEntry,
  MonitorState,
  OrderedDeliveries,
  ReplayRequest,
} from '../../src/engine/ports/index.ts'
import { readEventCursor, readFirstAttemptCursor } from '../../src/platform/durable/cursor.ts'
import { toFirstAttempt } from '../../src/platform/durable/event-log/delivered-attempts.ts'
import { handOverInOrder } from '../../src/platform/durable/event-log/line-up.ts'
import {
  type AnswersOf,
  type StatesOf,
  selectForReplay,
} from '../../src/platform/durable/event-log/replay-selection.ts'
import { flush, type Outbox } from '../../src/platform/durable/outbox.ts'
import { cutPage } from '../../src/platform/durable/page.ts'
import type { Content } from '../../src/platform/durable/webhook-monitor/erase.ts'
import { CURSORS } from '../../src/primitives/cursor.ts'
import { byteLength } from '../../src/primitives/framed-json.ts'
import { Histogram } from '../../src/primitives/histogram.ts'
import { AFTER_ALL_IDS, newId, timeOf } from '../../src/primitives/ids.ts'
import { startOfDay } from '../../src/primitives/time.ts'
import { ACCEPTED, RETENTION } from '../../src/retention.ts'
import { LOG, PULL } from '../../src/tuning.ts'
import { createMemoryIntake, type IntakeSurroundings } from './event-intake.ts'
import { FakeObject, type Surroundings } from './fake-object.ts'
import type { MemoryMonitor, Verdict } from './monitor.ts'

/** Scheduled events that one step accepts. */
const DUE_AT_ONCE = 2

/** Events that one look of a consumer goes through. */
const PULL_EVENTS = 5

/** Rows of the log that a replay reads at once. */
const STEP_ROWS = 10

interface Job {
  readonly tenantId: string
  readonly run: Run
  readonly request: ReplayRequest
  /** Events behind which it goes on, in the order in which they came into the log. */
  position: number
}

interface Replayed {
  readonly text: string
  readonly eventId: string
  /** Where its job goes on once it is sent. */
  readonly behind: number
}

export interface MemoryEventLog extends EventLog {
  readonly object: FakeObject
  /** What was noted of a delivery. */
  readonly outcomeOf: (eventId: string, webhookId: string) => FirstOutcome | null
  /** What it knows of a webhook. */
  readonly stateOf: (webhookId: string) => MonitorState | null
  /** What it accepted, in that order, and when; `row` is the same of what was accepted together. */
  readonly arrivals: () => readonly {
    readonly id: string
    readonly row: number
    readonly at: number
  }[]
  /** Another shard erases events. */
  readonly forgetKeysOf: (eventIds: ReadonlySet<string>) => void
}

export function createMemoryEventLog(
  around: Surroundings &
    IntakeSurroundings & {
      readonly statesOf: StatesOf
      readonly answersOf: AnswersOf
      /** How an erasure reaches the monitor of a webhook. */
      readonly eraseAt?: <T>(
        webhookId: string,
        work: (monitor: Pick<MemoryMonitor, 'erase' | 'eraseWhat'>) => Promise<T>,
      ) => Promise<T>
      /** How the monitor of a webhook is told what comes in order. */
      readonly lineUp?: (deliveries: OrderedDeliveries) => Promise<number>
      /** Whether an event would be in this shard. */
      readonly isOwn?: (eventId: string) => boolean
      /** How an erasure reaches the other shards. */
      readonly otherShards?: () => readonly Pick<MemoryEventLog, 'forgetKeysOf'>[]
    },
): MemoryEventLog {
  const { clock, send } = around
  const log = newId(clock())
  let purged = false
  let rows = 0
  const inOrderOfArrival: {
    readonly event: LoggedEvent
    readonly row: number
    readonly number: number
    readonly at: number
  }[] = []
  const jobs = new Set<Job>()
  const entries = new Map<string, JobEntry>()
  const progressOf = (id: string) => entries.get(id)?.progress ?? null
  const change = (id: string, progress: Partial<JobProgress>) => {
    const entry = entries.get(id)
    if (entry?.progress) entries.set(id, { ...entry, progress: { ...entry.progress, ...progress } })
  }
  const events = new Map<string, LoggedEvent>()
  const kept = new Map<string, KeptDelivery>()
  const totals = new Map<number, DayTotals>()
  const erasures: {
    readonly id: string
    readonly at: number
    readonly isMeant: (event: Pick<Event, 'id' | 'scope'>) => boolean
    readonly tenantId: string
    /** The ids that it is about; none of a scope. */
    readonly ids: readonly string[]
    isTold: boolean
    readonly total: number
  }[] = []
  const tellOf = async ({ ids, tenantId, at, isMeant }: (typeof erasures)[number]) => {
    const { eraseAt, isOwn = () => true } = around
    if (eraseAt === undefined) return
    const expunged = [...events.values()].filter(({ expungedAt }) => expungedAt === at)
    for (const { id, webhookIds } of expunged) {
      for (const webhookId of webhookIds) await eraseAt(webhookId, (one) => one.erase([id]))
    }
    // Whatever else webhooks have of it.
    const forgotten = ids.filter((id) => isOwn(id) && !events.has(id))
    for (const { webhook } of (await around.readWebhooks(tenantId))?.webhooks ?? []) {
      await eraseAt(webhook.id, (one) => one.erase(forgotten))
      await eraseAt(webhook.id, (one) => one.erase(ids.filter(isOwn), true))
      if (ids.length > 0) continue
      const toVerdict = ({ eventId, scope, kind }: Content): Verdict => {
        const event = events.get(eventId)
        if (!isOwn(eventId)) return 'nothing'
        if (event) return event.expungedAt === undefined ? 'nothing' : 'all'
        if (scope !== null) return isMeant({ id: eventId, scope }) ? 'all' : 'nothing'
        return kind === 'excerpt' ? 'excerpts' : 'nothing'
      }
      await eraseAt(webhook.id, (one) => one.eraseWhat(toVerdict, at))
    }
  }
  const tell = async () => {
    for (const erasure of erasures) {
      if (progressOf(erasure.id)?.state !== 'running') continue
      const { id, total } = erasure
      change(id, { done: total })
      if (!erasure.isTold) await tellOf(erasure)
      erasure.isTold = true
      // What was being sent when it was asked for has ended by then.
      const endsAt = erasure.at + ACCEPTED.underWayMs
      if (clock() < endsAt) around.scheduleAlarm(endsAt)
      else change(id, { state: 'done', total, endedAt: clock() })
    }
    return false
  }
  const newestFirst = () => [...events.values()].toSorted((a, b) => (a.id < b.id ? 1 : -1))

  const add = (eventIds: readonly string[], webhookIds: readonly string[]) => {
    for (const [place, { event, ...about }] of inOrderOfArrival.entries()) {
      if (!eventIds.includes(event.id)) continue
      const changed = { ...event, webhookIds: [...new Set([...event.webhookIds, ...webhookIds])] }
      events.set(event.id, changed)
      inOrderOfArrival[place] = { ...about, event: changed }
    }
  }

  const addNoting = (eventIds: readonly string[], webhookIds: readonly string[]) => {
    for (const id of eventIds) {
      const event = events.get(id)
      const fresh = webhookIds.filter((one) => event?.webhookIds.includes(one) === false)
      if (event) intake.handOver(event, fresh)
    }
    add(eventIds, webhookIds)
  }

  const inTime = ({ id }: LoggedEvent, { since, until }: ReplayRequest) =>
    timeOf(id) >= since && timeOf(id) < until

  const nextOf = async (job: Job) => {
    for (;;) {
      const left = inOrderOfArrival.slice(job.position)
      const lastRow = (left[0]?.row ?? 0) + STEP_ROWS
      const step = left.filter(({ row }) => row < lastRow).map(({ event }) => event)
      if (step.length === 0) {
        jobs.delete(job)
        const total = progressOf(job.run)?.done ?? 0
        change(job.run, { state: 'done', total, endedAt: clock() })
        return []
      }
      const inside = step.filter((event) => inTime(event, job.request))
      const wanted = await selectForReplay(inside, job.request, { statesOf, answersOf })
      if (wanted.length === 0) job.position += step.length
      else {
        const ref = { tenantId: job.tenantId, id: job.request.webhookId }
        return wanted.map((logged) => {
          const { webhookIds, ...event } = logged
          const { onlyMissing } = job.request
          const about = { onlyMissing, wasMatched: webhookIds.includes(ref.id) }
          const text = toDeliveryText(toReplayMessage(ref, job.run, event, about))
          return { text, eventId: logged.id, behind: job.position + step.indexOf(logged) + 1 }
        })
      }
    }
  }

  const outboxOf = (job: Job): Outbox<Replayed> => ({
    pending: () => nextOf(job),
    send,
    markSent(sent) {
      job.position = sent.at(-1)?.behind ?? job.position
      addNoting(
        sent.map(({ eventId }) => eventId),
        [job.request.webhookId],
      )
      change(job.run, { done: (progressOf(job.run)?.done ?? 0) + sent.length })
    },
  })
  const append = (logged: readonly LoggedEvent[]) => {
    rows += 1
    for (const event of logged.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
      if (events.has(event.id)) continue
      events.set(event.id, event)
      const number = Math.max((inOrderOfArrival.at(-1)?.number ?? 0) + 1, clock() * 1_000)
      inOrderOfArrival.push({ event, row: rows, number, at: clock() })
      const day = startOfDay(clock())
      totals.set(day, addEvents(totals.get(day) ?? NO_TOTALS, [event]))
    }
  }
  const intake = createMemoryIntake(around, {
    find: (id) => events.get(id),
    append,
    all: () => events.values(),
    erasedAt: (event) =>
      erasures.find(({ at, isMeant }) => publishedAtOf(event) <= at && isMeant(event))?.at ?? null,
    isErasedElsewhere: (id) => erasedElsewhere.has(id),
  })
  const erasedElsewhere = new Set<string>()
  const forgetKeysOf = (ids: ReadonlySet<string>) => {
    intake.forgetKeys(ids)
    for (const id of ids) if (!events.has(id)) erasedElsewhere.add(id)
  }
  const statesOf: StatesOf = async (webhookId, ids) => {
    const states = await around.statesOf(webhookId, ids)
    return states.map((state, index) => {
      const first = intake.outcomeOf(ids[index] ?? '', webhookId)
      return first ? withFirstOutcome(state, first) : state
    })
  }
  const answersOf: AnswersOf = async (webhookId, ids) => {
    const told = await around.answersOf(webhookId, ids)
    return told.map((answer, index) =>
      lastOf(answer, intake.outcomeOf(ids[index] ?? '', webhookId) ?? undefined),
    )
  }
  const wakeForNext = () => {
    const [next] = intake.waiting()
    if (next) around.scheduleAlarm(timeOf(next.id))
  }
  const acceptDue = async () => {
    const due = intake.waiting().filter(({ id }) => timeOf(id) <= clock())
    if (due.length === 0) {
      wakeForNext()
      return false
    }
    const submissions = due.slice(0, DUE_AT_ONCE).map((event) => ({ event, key: null }))
    const request = { submissions, requestKey: null, most: 0 }
    const answer = await intake.accept(intake.tenant(), request)
    if (answer.kind !== 'accepted') lookLater()
    else if (intake.hasLeft()) object.workSoon()
    return answer.kind === 'accepted'
  }
  const handOverOrdered = async () => {
    const { lineUp } = around
    if (lineUp === undefined || purged || intake.backlog.next('') === null) return false
    const known = (await intake.copy().current())?.webhooks ?? []
    const isLeft = await handOverInOrder(intake.backlog, {
      ...{ tenantId: intake.tenant(), log, lineUp },
      find: (id) => events.get(id) ?? null,
      webhookOf: (id) => known.find(({ webhook }) => webhook.id === id)?.webhook ?? null,
    })
    if (isLeft) around.scheduleAlarm(clock() + RETENTION.outboxSeconds * 1_000)
    return false
  }
  const lookLater = () => around.scheduleAlarm(clock() + ACCEPTED.lookSeconds * 1_000)
  const object = new FakeObject(
    () => [
      ...[...jobs].map((job) => () => flush(outboxOf(job))),
      acceptDue,
      handOverOrdered,
      ...intake.steps(),
      tell,
    ],
    around,
    {
      onAlarm: () => {
        intake.look()
        if (intake.hasRecent()) lookLater()
      },
      onRestart: () => intake.restart(),
    },
  )

  return {
    object,
    outcomeOf: intake.outcomeOf,
    stateOf: intake.stateOf,
    arrivals: () => inOrderOfArrival.map(({ event, row, at }) => ({ id: event.id, row, at })),
    forgetKeysOf,
    async accept(tenantId, request) {
      if (purged) return { kind: 'no_tenant' }
      const acceptance = await intake.accept(tenantId, request)
      if (purged) return { kind: 'no_tenant' }
      wakeForNext()
      if (intake.hasLeft()) object.workSoon()
      else lookLater()
      return acceptance
    },
    findKeys: async (_, names) => (purged ? names.map(() => null) : intake.findKeys(names)),
    claimKeys: async (_, claims) => (purged ? claims.map(() => null) : intake.claimKeys(claims)),
    async record(outcomes) {
      if (!purged) intake.record(outcomes)
    },
    firstOutcomes: async (keys) =>
      keys.map(({ eventId, webhookId }) => intake.outcomeOf(eventId, webhookId)),
    async keepDeliveries(webhookId, deliveries) {
      if (purged) return
      for (const one of deliveries) kept.set(`${one.eventId}/${webhookId}`, one)
    },
    keptDeliveries: async (eventId, webhookIds) =>
      webhookIds.map((webhookId) => kept.get(`${eventId}/${webhookId}`) ?? null),
    async firstAttempts(webhookId, { limit, cursor, ...query }) {
      const below = readFirstAttemptCursor(cursor) ?? AFTER_ALL_IDS
      const found = [...intake.outcomes()]
        .flatMap((outcome) =>
          outcome.webhookId === webhookId ? (toFirstAttempt(outcome) ?? []) : [],
        )
        .filter((attempt) => attempt.id < below && isAskedFor(attempt, query))
        .toSorted((a, b) => (a.id < b.id ? 1 : -1))
      const items = found.slice(0, limit)
      const last = items.at(-1)
      const goesOn = found.length > limit && last !== undefined
      return { items, nextCursor: goesOn ? CURSORS.firstAttempts.write(last.id) : null }
    },
    async deliveredByHour(webhookId, since) {
      const sums = new HourlySums()
      for (const one of intake.outcomes()) {
        if (one.webhookId !== webhookId || one.delivered === null || one.at < since) continue
        sums.add(one.at, deliveredIn(one.delivered.durationMs))
      }
      return sums.hours
    },
    async successes(webhookId, since) {
      const latencies = new Histogram()
      const found = [...intake.outcomes()].filter(
        (one) => one.webhookId === webhookId && one.delivered !== null && one.at >= since,
      )
      for (const { delivered } of found) latencies.add(delivered?.durationMs ?? 0)
      const lastSuccessAt = found.length === 0 ? null : Math.max(...found.map(({ at }) => at))
      return { delivered: found.length, latencies: latencies.toPairs(), lastSuccessAt }
    },
    async noteState(webhookId, state) {
      if (!purged) intake.noteState(webhookId, state)
    },
    announce: async (tenantId, id, isFenced) =>
      purged ? 0 : intake.copyOf(tenantId).announce(id, isFenced),
    async confirm(id) {
      if (!purged && intake.isTold()) await intake.copy().confirm(id)
    },
    async addWebhooks(eventIds, webhookIds) {
      addNoting(eventIds, webhookIds)
    },
    async find(id) {
      const waiting = intake.findWaiting(id)
      return events.get(id) ?? (waiting && { ...waiting, webhookIds: [], isWaiting: true })
    },
    async cancelScheduled(id) {
      if (purged) return null
      if (intake.cancelWaiting(id)) return 'cancelled'
      const event = events.get(id)
      if (event === undefined) return null
      return event.cancelledAt === undefined ? 'gone' : 'cancelled'
    },
    async unmatched(tenantId, query) {
      if (purged) return { items: [], nextCursor: null }
      const { items, more } = await intake.unmatched(tenantId, query)
      const last = items.at(-1)
      return { items, nextCursor: more && last ? CURSORS.unmatched.write(last.webhookId) : null }
    },
    async pull({ webhookId, since, position, limit, share }) {
      const behind = Number(position ?? since * 1_000)
      const read = inOrderOfArrival.filter(({ number }) => number > behind).slice(0, PULL_EVENTS)
      const last = inOrderOfArrival.at(-1)?.number ?? 0
      const isCut = (read.at(-1)?.number ?? last) < last
      const wanted = read
        .filter(({ event }) => event.pullWebhookIds?.includes(webhookId))
        .map(({ event, number }) => ({ event, position: String(number) }))
      const { items, more } = cutPage(wanted, limit, share)
      const latest = Math.max(behind, (clock() - PULL.idleMs) * 1_000)
      const end = Math.max(read.at(-1)?.number ?? 0, isCut ? 0 : latest)
      const reached = more ? (items.at(-1)?.position ?? position) : String(end)
      return { items, position: reached ?? '', more: more || isCut }
    },
    async list(query) {
      const { type, after, before, order, limit, cursor, share, withoutSystem = false } = query
      const position = readEventCursor(cursor)
      if (query.isScheduled) {
        const found = intake.waiting().filter(({ id, cancelledAt, ...event }) => {
          const isAsked = type === undefined || event.type === type
          const isIn = timeOf(id) > (after ?? 0) && timeOf(id) < (before ?? Number.MAX_VALUE)
          return cancelledAt === undefined && isAsked && isIn && id > (position ?? '')
        })
        const { items, more } = cutPage(found, limit, share)
        const last = items.at(-1)
        return {
          items: items.map((event) => ({ ...event, webhookIds: [], isWaiting: true as const })),
          positions: items.map(({ id }) => id),
          more,
          nextCursor: more && last ? CURSORS.events.write(last.id) : null,
        }
      }
      const ascending = order === 'oldest'
      const byNumber = inOrderOfArrival.map(({ event, number }) => {
        return { event, position: String(number) }
      })
      const byId = newestFirst().map((event) => ({ event, position: event.id }))
      // A cursor of an earlier version has an id in this order, too.
      const own = byNumber.find(({ event }) => event.id === position)
      const behind = Number(position?.includes('-') ? (own?.position ?? 0) : position)
      const found = (ascending ? byNumber : byId).filter(
        ({ event, position: place }) =>
          (type === undefined || event.type === type) &&
          !(withoutSystem && isSystemEventType(event.type)) &&
          (after === undefined || timeOf(event.id) > after) &&
          (before === undefined || timeOf(event.id) < before) &&
          (position === null || (ascending ? Number(place) > behind : event.id < position)),
      )
      const { items, more } = cutPage(found, limit, share)
      const positions = items.map((one) => one.position)
      const last = positions.at(-1)
      return {
        ...{ items: items.map(({ event }) => event), positions, more },
        nextCursor: (ascending || more) && last ? CURSORS.events.write(last) : null,
      }
    },
    listByRequest: async (requestId, after, share) =>
      cutPage(
        newestFirst()
          .filter((event) => event.requestId === requestId && event.id > (after ?? ''))
          .toReversed(),
        LOG.requestEvents,
        share,
      ),
    async usage(since) {
      const days = [...totals].map(([day, counted]) => ({ day, ...counted }))
      const from = startOfDay(since)
      return {
        since: from,
        days: days.filter(({ day }) => day >= from).toSorted((a, b) => b.day - a.day),
      }
    },
    async delivered({ after, until, limit }) {
      const ended = [...intake.outcomes()].flatMap((outcome) => {
        const attempt = toFirstAttempt(outcome)
        const endedAt = outcome.at + (outcome.delivered?.durationMs ?? 0)
        const isIn = attempt !== null && endedAt > after && endedAt <= until
        return isIn ? [{ webhookId: outcome.webhookId, attempt }] : []
      })
      const isCut = ended.length > limit
      return { attempts: ended.slice(-limit), isCut, troubled: intake.troubled() }
    },
    async activity(asked) {
      const days = asked.map((day) => {
        const sums = new HourlySums()
        for (const { event, number } of inOrderOfArrival) {
          sums.add(number / 1_000, { events: 1, bytes: byteLength(event.data) })
        }
        for (const { at, delivered } of intake.outcomes()) {
          if (delivered !== null) sums.add(at, deliveredIn(delivered.durationMs))
        }
        const hours = sums.hours.filter(({ hour }) => startOfDay(hour) === day)
        return { day, source: LOG_SOURCE, hours }
      })
      return { days, standing: intake.standing() }
    },
    async replay(tenantId, jobId, request) {
      if (purged || entries.has(jobId)) return 'started'
      if (jobs.size >= LOG.replays) return 'busy'
      const { webhookId } = request
      const progress = {
        state: 'running',
        done: 0,
        total: null,
        error: null,
        endedAt: null,
      } as const
      entries.set(jobId, { id: jobId, kind: 'replay', webhookId, createdAt: clock(), progress })
      jobs.add({ tenantId, run: jobId, request, position: 0 })
      object.workSoon()
      return 'started'
    },
    async erase(tenantId, id, request) {
      if (purged || entries.has(id)) return
      const ids = 'scope' in request ? [] : request.eventIds
      const scope = 'scope' in request ? Object.entries(request.scope) : []
      const isMeant = (event: Pick<Event, 'id' | 'scope'>) =>
        'scope' in request
          ? scope.every(([name, value]) => event.scope[name] === value)
          : ids.includes(event.id)
      const untold = [...events.values()].filter(isMeant)
      const at = clock()
      for (const { webhookIds, pullWebhookIds, ...event } of untold) {
        const pulled = pullWebhookIds && { pullWebhookIds }
        events.set(event.id, { ...expunge(event, at), webhookIds, ...pulled })
      }
      for (const [place, one] of inOrderOfArrival.entries()) {
        const event = events.get(one.event.id)
        if (event) inOrderOfArrival[place] = { ...one, event }
      }
      const progress = {
        state: 'running',
        done: 0,
        total: null,
        error: null,
        endedAt: null,
      } as const
      entries.set(id, { id, kind: 'erase', webhookId: null, createdAt: at, progress })
      const scheduled = intake.expungeWaiting(isMeant)
      const erased = new Set([...ids, ...scheduled, ...untold.map((event) => event.id)])
      for (const log of [{ forgetKeysOf }, ...(around.otherShards?.() ?? [])]) {
        log.forgetKeysOf(erased)
      }
      erasures.push({ id, at, isMeant, tenantId, ids, isTold: false, total: untold.length })
      object.workSoon()
    },
    erasedAmong: async (asked) =>
      asked
        .filter((event) =>
          erasures.some(({ at, isMeant }) => timeOf(event.id) <= at && isMeant(event)),
        )
        .map(({ id }) => id),
    async noteJob(_, entry) {
      if (!purged && !entries.has(entry.id)) entries.set(entry.id, entry)
    },
    async jobs({ limit, before }) {
      const newestFirst = [...entries.values()].toSorted((a, b) => (a.id < b.id ? 1 : -1))
      return newestFirst.filter(({ id }) => before === null || id < before).slice(0, limit)
    },
    job: async (id) => entries.get(id) ?? null,
    async cancelJob(id) {
      const job = [...jobs].find(({ run }) => run === id)
      if (job === undefined) return false
      jobs.delete(job)
      const total = progressOf(id)?.done ?? 0
      change(id, { state: 'cancelled', total, endedAt: clock() })
      return true
    },
    async sweep() {},
    async purge() {
      purged = true
      events.clear()
      kept.clear()
      totals.clear()
      jobs.clear()
      entries.clear()
      inOrderOfArrival.length = 0
      intake.clear()
    },
    async revive() {
      purged = false
    },
  }
}
