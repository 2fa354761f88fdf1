// How a tenant's event log accepts events, in memory: whom they are for, what was noted of them, and what nobody took care of.

import {
  Acceptances,
  eventKeyName,
  fromAnswer,
  type KeyEntry,
} from '../../src/engine/intake/acceptance.ts'
import { isFor } from '../../src/engine/intake/match.ts'
import { toContinuationMessages } from '../../src/engine/messages/event-message.ts'
import {
  asPublished,
  type Event,
  expunge,
  type FirstOutcome,
  isAhead,
  isCancelled,
  isExpunged,
  isPaused,
  isPull,
  type LoggedEvent,
  type Ordering,
  orderOf,
  publishedAtOf,
  type WebhookWithTenant,
} from '../../src/engine/model/index.ts'
import type {
  Acceptance,
  AcceptRequest,
  DialectRuntimes,
  FormerClaim,
  KeyClaim,
  MonitorState,
  UnmatchedQuery,
} from '../../src/engine/ports/index.ts'
import { PUBLISH, SCHEDULING } from '../../src/limits.ts'
import { readUnmatchedCursor } from '../../src/platform/durable/cursor.ts'
import type { CopiedWebhook } from '../../src/platform/durable/event-log/copy-store.ts'
import type {
  OrderedBacklog,
  OrderedEvent,
} from '../../src/platform/durable/event-log/ordered-events.ts'
import { whyUnmatched } from '../../src/platform/durable/event-log/unmatched.ts'
import {
  type Announcement,
  type Snapshot,
  WebhookCopy,
} from '../../src/platform/durable/event-log/webhook-copy.ts'
import {
  Moments,
  nextPeriod,
  type Period,
  rulesAt,
  type Version,
} from '../../src/platform/durable/event-log/webhook-history.ts'
import type { Step } from '../../src/platform/durable/outbox.ts'
import { timeOf } from '../../src/primitives/ids.ts'
import { ACCEPTED } from '../../src/retention.ts'

/** A webhook as the database has it. */
export interface ReadWebhook {
  readonly webhook: WebhookWithTenant
  readonly stateVersion: number
}

const isFailing = ({ version, isTroubled, suspendedAt, lane }: MonitorState) =>
  version > 0 && isTroubled && suspendedAt === null && lane === 'fast'
const waits = (state: MonitorState) => isFailing(state) || state.isHeld

/** What surrounds it beside what surrounds every object. */
export interface IntakeSurroundings {
  readonly clock: () => number
  readonly readWebhooks: (tenantId: string) => Promise<Snapshot<ReadWebhook> | null>
  readonly raiseEpoch: (tenantId: string, epoch: number) => Promise<void>
  /** Sends the first of the texts of event messages and tells how many; all or none of those. */
  readonly sendAccepted: (texts: readonly string[]) => Promise<number>
  readonly dialectRuntimes: DialectRuntimes
}

/** The log that it writes to. */
interface Log {
  find(id: string): LoggedEvent | undefined
  append(events: readonly LoggedEvent[]): void
  erasedAt(event: Event): number | null
  isErasedElsewhere(id: string): boolean
  all(): Iterable<LoggedEvent>
}

interface Copied extends ReadWebhook {
  readonly state: MonitorState
}

/** As the platform copies it. */
const toSealed = ({ webhook }: ReadWebhook) => ({ ...webhook, sealed: '', version: '' })

const outcomeKey = (eventId: string, webhookId: string) => `${eventId}/${webhookId}`

export function createMemoryIntake(around: IntakeSurroundings, log: Log) {
  const { clock } = around
  const outcomes = new Map<string, FirstOutcome>()
  const keys = new Map<string, KeyEntry & { readonly until: number }>()
  /** When what stood for an event was erased. */
  const erasedKeys = new Map<string, number>()
  const untended = new Set<string>()
  /** What comes in order; what is handed over stays as null, so that numbers ascend. */
  const ordered: (
    | (Omit<OrderedEvent, 'ordering'> & {
        readonly webhookId: string
        readonly ordering: Ordering | null | undefined
      })
    | null
  )[] = []
  const backlog: OrderedBacklog = {
    next: (behind) => {
      const left = ordered.flatMap((one) => one?.webhookId ?? [])
      return left.filter((id) => id > behind).toSorted()[0] ?? null
    },
    first: (webhookId, limit) =>
      ordered
        .flatMap((one) => {
          if (one?.webhookId !== webhookId || !one.ordering) return []
          return { number: one.number, eventId: one.eventId, ordering: one.ordering }
        })
        .slice(0, limit),
    remove(webhookId, upTo) {
      for (const [index, one] of ordered.entries()) {
        if (one?.webhookId === webhookId && one.number <= upTo) ordered[index] = null
      }
    },
  }
  /** Scheduled events. */
  const waiting = new Map<string, Event>()
  const inTimeOrder = () => [...waiting.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
  /** Events that are looked after: until when each may be under way with whoever had them accepted. */
  const accepted = new Map<string, number>()
  const stored = {
    snapshot: null as Snapshot<Copied> | null,
    announcements: new Map<string, Announcement>(),
    isRead: false,
  }
  /** How webhooks were before, and when each event was accepted. */
  const moments = new Moments(0)
  const periods = new Map<string, Period>()
  const versions: (Version & { readonly webhookId: string })[] = []
  const acceptedAt = new Map<string, number>()
  const noteChanges = (webhooks: readonly Copied[]) => {
    const at = moments.changing(clock())
    const before = new Map(stored.snapshot?.webhooks.map((one) => [one.webhook.id, one]))
    for (const one of webhooks) {
      const [former, period] = [before.get(one.webhook.id), periods.get(one.webhook.id)]
      const known = former && period ? { sealed: toSealed(former), period } : null
      const isFirstRead = !stored.isRead
      const { period: next, ended } = nextPeriod(known, toSealed(one), { at, isFirstRead })
      periods.set(one.webhook.id, next)
      if (ended !== null) versions.push({ ...ended, webhookId: one.webhook.id })
    }
  }

  let tenantId: string | null = null
  let lookedAt: number | null = null

  const knownTenant = () => {
    if (tenantId === null) throw new Error('Nobody has told yet whose events these are.')
    return tenantId
  }
  const toCopied = (read: ReadWebhook): Copied => {
    const before = stored.snapshot?.webhooks.find((one) => one.webhook.id === read.webhook.id)
    const { suspendedAt, lane } = read.webhook
    const isTroubled = read.stateVersion > 0 || !stored.isRead
    const isNewer = before === undefined || read.stateVersion > before.state.version
    const state = { version: read.stateVersion, suspendedAt, lane, isTroubled, isHeld: false }
    return { ...read, state: isNewer ? state : before.state }
  }
  const openCopy = () =>
    new WebhookCopy<Copied>(
      {
        read: async () => {
          const read = await around.readWebhooks(knownTenant())
          return read && { ...read, webhooks: read.webhooks.map(toCopied) }
        },
        raiseEpoch: (epoch) => around.raiseEpoch(knownTenant(), epoch),
      },
      {
        load: () => ({
          snapshot: stored.snapshot,
          announcements: [...stored.announcements.values()],
        }),
        save(snapshot) {
          if (snapshot !== null) noteChanges(snapshot.webhooks)
          stored.snapshot = snapshot
          stored.isRead ||= snapshot !== null
        },
        announce: (announcement) => void stored.announcements.set(announcement.id, announcement),
        forget: (ids) => {
          for (const id of ids) stored.announcements.delete(id)
        },
      },
      clock,
    )
  let copy = openCopy()
  /** When webhooks that wait began to. */
  const waitsSince = new Map<string, number>()

  const toKnown = ({ webhook, state }: Copied) => {
    const { suspendedAt, lane, isTroubled, isHeld } = state
    return { ...webhook, suspendedAt, lane, isTroubled, isHeld }
  }
  const unnoted = ({ id, webhookIds }: LoggedEvent) =>
    webhookIds.filter((webhookId) => !outcomes.has(outcomeKey(id, webhookId)))
  const record = (noted: readonly FirstOutcome[]) => {
    for (const outcome of noted) {
      const key = outcomeKey(outcome.eventId, outcome.webhookId)
      const known = outcomes.get(key)
      if (known?.delivered || (known?.isFiltered && !outcome.delivered)) continue
      outcomes.set(key, outcome)
    }
  }
  const handOver = (event: LoggedEvent, webhookIds: readonly string[]) =>
    record(
      webhookIds.map((webhookId) => ({
        ...{ eventId: event.id, eventType: event.type, webhookId },
        ...{ at: clock(), delivered: null },
      })),
    )

  /** Sends on what is left of an event; whether there was one. */
  const tend = async (event: LoggedEvent | undefined): Promise<boolean> => {
    if (event === undefined) return false
    const plain = asPublished(event)
    const webhookIds = isExpunged(event) ? [] : unnoted(event)
    const about = { tenantId: knownTenant(), redelivered: true }
    if (webhookIds.length > 0) {
      await around.sendAccepted(toContinuationMessages(about, [{ event: plain, webhookIds }]))
    }
    handOver(event, unnoted(event))
    untended.delete(event.id)
    return true
  }
  const nextUntended = () => {
    for (const id of untended) return log.find(id)
    return undefined
  }
  const leftBehind = (now: number) => {
    for (const event of log.all()) {
      const isOver = (accepted.get(event.id) ?? Number.POSITIVE_INFINITY) < now
      if (isOver && unnoted(event).length > 0) return event
    }
    return undefined
  }

  const keyOf = (name: string) => {
    const entry = keys.get(name)
    return entry !== undefined && entry.until > clock() ? entry : null
  }
  const toClaim = (name: string): KeyClaim | null => {
    const entry = keyOf(name)
    return entry && { name, contentHash: entry.contentHash, answer: entry.answer }
  }

  return {
    record,
    handOver,
    findKeys: (names: readonly string[]) => names.map(toClaim),
    claimKeys: (claims: readonly KeyClaim[]) =>
      claims.map(({ name, ...entry }): FormerClaim | null => {
        const before = toClaim(name)
        const erasedAt = erasedKeys.get(name)
        if (before === null && erasedAt !== undefined && timeOf(entry.answer) <= erasedAt) {
          return { name, ...entry, erasedAt }
        }
        const until = clock() + PUBLISH.deduplicationSeconds * 1_000
        if (before === null) keys.set(name, { ...entry, until })
        return before
      }),
    isTold: () => tenantId !== null,
    tenant: knownTenant,
    copy: () => copy,
    copyOf(id: string): WebhookCopy<Copied> {
      tenantId = id
      return copy
    },
    async accept(id: string, request: AcceptRequest): Promise<Acceptance> {
      tenantId = id
      const snapshot = await copy.current()
      if (snapshot === null) return { kind: 'no_tenant' }
      const now = clock()
      const byId = new Map(snapshot.webhooks.map((one) => [one.webhook.id, one]))
      const nameOf = new Map(
        request.submissions.map(({ event, key }) => [event.id, key && eventKeyName(key.key)]),
      )
      const erasedByKey = (event: Event) => {
        const at = erasedKeys.get(nameOf.get(event.id) ?? '') ?? null
        return at !== null && publishedAtOf(event) <= at ? at : null
      }
      const acceptances = new Acceptances<Copied>({
        key: keyOf,
        event: (eventId) => log.find(eventId) ?? null,
        isAhead: (event) => isAhead(event, now),
        waiting: (event) => waiting.get(event.id) ?? null,
        hasRoomFor: (added) => waiting.size + added.length <= SCHEDULING.events,
        webhooksFor: (event: Event) =>
          snapshot.webhooks.filter((one) => isFor(toKnown(one), event, around.dialectRuntimes)),
        idOf: ({ webhook }) => webhook.id,
        isPull: ({ webhook }) => isPull(webhook),
        isOrdered: ({ webhook }) => orderOf(webhook) !== null,
        erasedAt: (event) => log.erasedAt(event) ?? erasedByKey(event),
        isErasedElsewhere: (id) => log.isErasedElsewhere(id),
        untended: (event) => unnoted(event).flatMap((webhookId) => byId.get(webhookId) ?? []),
      })
      const decided = acceptances.decide(request)
      const until = now + PUBLISH.deduplicationSeconds * 1_000
      for (const [name, entry] of acceptances.keys) keys.set(name, { ...entry, until })
      for (const event of acceptances.waiting.values()) waiting.set(event.id, event)
      for (const eventId of acceptances.events.keys()) waiting.delete(eventId)
      log.append([...acceptances.events.values()])
      for (const { event, webhook } of acceptances.ordered) {
        const { id: webhookId, ordering } = webhook.webhook
        ordered.push({ number: ordered.length + 1, eventId: event.id, webhookId, ordering })
        handOver(event, [webhookId])
      }
      const at = moments.accepting(now)
      for (const eventId of acceptances.events.keys()) {
        acceptedAt.set(eventId, at)
        accepted.set(eventId, Math.max(timeOf(eventId), now) + ACCEPTED.underWayMs)
      }
      for (const eventId of acceptances.left) untended.add(eventId)
      if (decided.kind !== 'accepted') return decided
      return {
        ...decided,
        deliveries: decided.deliveries.flatMap(({ index, webhooks, mayHaveBegun }) => {
          const event = request.submissions[index]?.event
          return event ? [{ event, webhooks: webhooks.map(toKnown), mayHaveBegun }] : []
        }),
      }
    },
    waiting: inTimeOrder,
    findWaiting: (eventId: string) => waiting.get(eventId) ?? null,
    cancelWaiting(eventId: string): boolean {
      const event = waiting.get(eventId)
      if (event === undefined) return false
      if (!isCancelled(event)) waiting.set(eventId, { ...event, cancelledAt: clock() })
      return true
    },
    /** Removes the content of those that wait. */
    expungeWaiting(isMeant: (event: Event) => boolean): readonly string[] {
      const meant = [...waiting.values()].filter(isMeant)
      for (const event of meant) waiting.set(event.id, expunge(event, clock()))
      return meant.map(({ id }) => id)
    },
    outcomeOf: (eventId: string, webhookId: string) =>
      outcomes.get(outcomeKey(eventId, webhookId)) ?? null,
    outcomes: () => outcomes.values(),
    stateOf: (webhookId: string) =>
      stored.snapshot?.webhooks.find(({ webhook }) => webhook.id === webhookId)?.state ?? null,
    troubled: () =>
      (stored.snapshot?.webhooks ?? []).flatMap(({ webhook: { id }, state }) =>
        state.version > 0 && (state.isTroubled || state.isHeld || state.lane === 'slow')
          ? [id]
          : [],
      ),
    standing() {
      const all = stored.snapshot?.webhooks ?? []
      const failing = all.filter(({ webhook, state }) => isFailing(state) && !isPaused(webhook))
      const held = all.filter(({ state }) => state.isHeld)
      const [longest] = all
        .filter(({ state }) => waits(state))
        .map(({ webhook: { id } }) => id)
        .toSorted((one, other) => (waitsSince.get(one) ?? 0) - (waitsSince.get(other) ?? 0))
      return { failing: failing.length, held: held.length, longest: longest ?? null }
    },
    noteState(webhookId: string, state: MonitorState): void {
      const news = (one: Copied): Copied =>
        one.webhook.id === webhookId && state.version >= one.state.version ? { ...one, state } : one
      const { snapshot } = stored
      const before = snapshot?.webhooks.find(({ webhook: { id } }) => id === webhookId)?.state
      if (before && state.version >= before.version && waits(state) && !waits(before)) {
        waitsSince.set(webhookId, clock())
      }
      if (snapshot !== null) {
        stored.snapshot = { ...snapshot, webhooks: snapshot.webhooks.map(news) }
      }
      copy.replace(news)
    },
    async unmatched(tenant: string, query: UnmatchedQuery) {
      tenantId = tenant
      const after = readUnmatchedCursor(query.cursor)
      const snapshot = await copy.current()
      const event = log.find(query.eventId)
      if (snapshot === null || event === undefined) return { items: [], more: false }
      const at = acceptedAt.get(event.id) ?? timeOf(event.id) * 1_000
      const rulesThen = ({ sealed }: Pick<CopiedWebhook, 'sealed'>) => {
        const period = periods.get(sealed.id)
        const ended = versions.find((one) => one.webhookId === sealed.id && one.until > at) ?? null
        return period ? rulesAt(at, { sealed, period }, ended) : 'unknown'
      }
      return whyUnmatched(
        {
          webhooks: snapshot.webhooks.map(({ state, ...read }) => ({
            ...{ number: 0, sealed: toSealed(read), state: { ...state, waitsSince: null } },
          })),
          rulesAt: rulesThen,
        },
        event,
        { ...query, after },
        around.dialectRuntimes,
      )
    },
    hasLeft: () => untended.size > 0 || backlog.next('') !== null,
    backlog,
    hasRecent: () =>
      Iterator.from(log.all()).some(
        (event) => (accepted.get(event.id) ?? 0) >= clock() && unnoted(event).length > 0,
      ),
    /** The alarm rang. */
    look(): void {
      lookedAt = clock()
    },
    steps: (): readonly Step[] => [
      () => tend(nextUntended()),
      async () => {
        if (lookedAt === null) return false
        if (await tend(leftBehind(lookedAt))) return true
        lookedAt = null
        return false
      },
    ],
    /** Begins anew with what is written. */
    restart(): void {
      copy = openCopy()
      lookedAt = null
    },
    /** Forgets the keys that stand for any of these events. */
    forgetKeys(eventIds: ReadonlySet<string>): void {
      for (const [name, { answer }] of keys) {
        if (!fromAnswer(answer).some(({ id }) => eventIds.has(id))) continue
        keys.delete(name)
        erasedKeys.set(name, clock())
      }
    },
    clear(): void {
      outcomes.clear()
      keys.clear()
      erasedKeys.clear()
      untended.clear()
      ordered.length = 0
      waiting.clear()
      accepted.clear()
      acceptedAt.clear()
      periods.clear()
      versions.length = 0
      stored.snapshot = null
      stored.announcements.clear()
      stored.isRead = false
      copy = openCopy()
    },
  }
}
