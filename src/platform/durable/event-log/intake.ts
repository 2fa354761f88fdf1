// Accepting events: whom they are for, and what is written of them. In: the calls of one group; out: an answer for each, once all
// of them are written together.

import { Acceptances, eventKeyName, requestKeyName } from '../../../engine/intake/acceptance.ts'
import { isFor } from '../../../engine/intake/match.ts'
import {
  type Event,
  type FirstOutcome,
  isAhead,
  isPull,
  orderOf,
} from '../../../engine/model/index.ts'
import type {
  DialectRuntimes,
  FormerClaim,
  KeyClaim,
  MonitorState,
  UnmatchedQuery,
} from '../../../engine/ports/index.ts'
import { findFormerKeys } from '../../d1/former-keys.ts'
import { raiseEpoch, readTenantWebhooks } from '../../d1/tenant-webhooks.ts'
import { inTime } from '../in-time.ts'
import { type AcceptAnswer, type AcceptCall, toAcceptAnswer } from './accept-answer.ts'
import { type CopiedWebhook, toOpen } from './copy-store.ts'
import type { EventLogStores, Surroundings } from './stores.ts'
import { whyUnmatched } from './unmatched.ts'
import { type Snapshot, WebhookCopy } from './webhook-copy.ts'
import { WebhookIndex } from './webhook-index.ts'

/** What is known before anything is written. */
interface LookedUp {
  readonly formerKeys: Awaited<ReturnType<typeof findFormerKeys>>
  readonly erased: Awaited<ReturnType<EventLogStores['erasures']['among']>>
}

interface Ready {
  /** Within a transaction. `isLeft`: nobody takes some of it on; some or all of it waits for its time. */
  readonly write: (now: number) => {
    readonly answers: readonly AcceptAnswer[]
    readonly isLeft: boolean
    /** Some comes in order, and is to be handed over. */
    readonly isOrdered: boolean
    readonly scheduled: 'some' | 'all' | 'none'
  }
  /** An erasure was asked for meanwhile, which may be about these events, too. */
  readonly isOutdated: () => boolean
}

export class Intake {
  private readonly stores: EventLogStores
  private readonly env: Surroundings
  private readonly dialectRuntimes: () => DialectRuntimes
  private copy: WebhookCopy<CopiedWebhook> | null = null
  private isClosed = false
  private index: {
    readonly of: Snapshot<CopiedWebhook>
    readonly webhooks: WebhookIndex<CopiedWebhook>
  } | null = null
  constructor(stores: EventLogStores, env: Surroundings, dialectRuntimes: () => DialectRuntimes) {
    this.stores = stores
    this.env = env
    this.dialectRuntimes = dialectRuntimes
  }

  copyOf(tenantId: string | null): WebhookCopy<CopiedWebhook> {
    const { env, stores } = this
    const { copy: store } = stores
    if (tenantId !== null) store.tenantId = tenantId
    this.copy ??= new WebhookCopy(
      {
        read: async () => {
          const read = await inTime(readTenantWebhooks(env.DB, this.knownTenant()))
          return read && store.numbered(read, Date.now())
        },
        raiseEpoch: (epoch) => inTime(raiseEpoch(env.DB, this.knownTenant(), epoch)),
      },
      store,
      () => Date.now(),
    )
    return this.copy
  }

  /** Another one took over. */
  close(): void {
    this.isClosed = true
    this.copy?.close()
  }

  /** What must be known before anything is written; null when there is no such tenant. */
  async prepare(calls: readonly AcceptCall[]): Promise<Ready | null> {
    const [{ tenantId } = { tenantId: null }] = calls
    const copy = this.copyOf(tenantId)
    const formerKeys = await this.formerKeys(calls)
    const all = calls.flatMap(({ submissions }) =>
      submissions.map(({ event, key }) => ({ event, key: key && eventKeyName(key.key) })),
    )
    const { erasures } = this.stores
    const { asked } = erasures
    const erased = erasures.noneAmong(all) ?? (await erasures.among(all))
    const snapshot = copy.present ?? (await copy.current())
    // The stores were opened anew meanwhile: these do not know what was written since.
    if (this.isClosed) throw new Error('The event log begins anew.')
    if (snapshot === null) return null
    return {
      write: (now) => this.write(calls, snapshot, { formerKeys, erased }, now),
      isOutdated: () => erasures.asked !== asked,
    }
  }

  noteState(webhookId: string, state: MonitorState): void {
    const { copy } = this.stores
    // Read before it is changed, so that what is written is what is known.
    const opened = this.copyOf(null)
    const after = copy.noteState(webhookId, state)
    if (after !== null) opened.replace((one) => (one.sealed.id === webhookId ? after : one))
  }

  /** The webhooks behind an id to which an event was never sent, and why not, in order of their ids. */
  async unmatched(
    tenantId: string,
    { eventId, owners, limit }: UnmatchedQuery,
    after: string | null,
  ): Promise<ReturnType<typeof whyUnmatched>> {
    const snapshot = await this.copyOf(tenantId).current()
    const found = this.stores.events.findAccepted(eventId)
    if (snapshot === null || found === null) return { items: [], more: false }
    const { copy } = this.stores
    return whyUnmatched(
      { webhooks: snapshot.webhooks, rulesAt: (webhook) => copy.rulesAt(webhook, found.at) },
      found.event,
      { owners, after, limit },
      this.dialectRuntimes(),
    )
  }

  private write(
    calls: readonly AcceptCall[],
    snapshot: Snapshot<CopiedWebhook>,
    { formerKeys, erased }: LookedUp,
    now: number,
  ) {
    const { copy, erasures, events, keys, outcomes, replays, scheduled, untended } = this.stores
    const byId = new Map(snapshot.webhooks.map((one) => [one.sealed.id, one]))
    const acceptances = new Acceptances<CopiedWebhook>({
      key: (name) => keys.find(name, now) ?? formerKeys.get(name) ?? null,
      event: (id) => events.findKnown(id),
      isAhead: (event) => isAhead(event, now),
      waiting: ({ id, publishedAt }) => (publishedAt === undefined ? null : scheduled.find(id)),
      hasRoomFor: (added) => scheduled.hasRoomFor(added),
      webhooksFor: (event) => this.webhooksFor(event, snapshot),
      idOf: ({ sealed }) => sealed.id,
      isPull: ({ sealed }) => isPull(sealed),
      isOrdered: ({ sealed }) => orderOf(sealed) !== null,
      erasedAt: ({ id }) => erased.get(id) ?? null,
      isErasedElsewhere: (id) => erasures.isErased(id),
      untended: ({ id: eventId, webhookIds }) => {
        const noted = outcomes.find(webhookIds.map((webhookId) => ({ eventId, webhookId })))
        const left = webhookIds.filter((webhookId) => !noted.has(`${eventId}/${webhookId}`))
        return left.flatMap((id) => byId.get(id) ?? [])
      },
    })
    const decided = calls.map((call) => acceptances.decide(call))
    const accepted = [...acceptances.events.values()]
    erasures.logAccepted(accepted, copy.tenantId)
    replays.noteAdded(events.append(accepted, copy.momentOfAcceptance(now), now, calls.length))
    keys.add(acceptances.keys, now)
    scheduled.add(acceptances.waiting.values())
    scheduled.remove(accepted)
    this.noteOrdered(acceptances, now)
    untended.noteAccepted(acceptances.events.keys(), acceptances.left, now)
    return {
      answers: decided.map((one, place): AcceptAnswer => {
        const held = new Set(calls[place]?.held)
        return one.kind === 'accepted' ? toAcceptAnswer(one, held, snapshot) : one
      }),
      isLeft: acceptances.left.length > 0,
      isOrdered: acceptances.ordered.length > 0,
      scheduled: shareOf(acceptances.waiting.size, accepted.length),
    }
  }

  /** What comes in order is this log's to hand over, and nobody else's. */
  private noteOrdered(
    { ordered, events: accepted }: Acceptances<CopiedWebhook>,
    now: number,
  ): void {
    if (ordered.length === 0) return
    const { events, outcomes, ordered: backlog, untended } = this.stores
    const first = events.numbers.newestNumber - accepted.size + 1
    const numbers = new Map([...accepted.keys()].map((id, index) => [id, first + index]))
    for (const { event, webhook } of ordered) {
      const { id: webhookId, ordering } = webhook.sealed
      const number = numbers.get(event.id)
      if (number === undefined || !ordering) continue
      backlog.add(webhookId, { number, eventId: event.id, ordering })
    }
    const handedOver = ordered.map(({ event: { id, type }, webhook }): FirstOutcome => {
      const about = { eventId: id, eventType: type, webhookId: webhook.sealed.id }
      return { ...about, at: now, delivered: null }
    })
    outcomes.add(handedOver, untended.watermark, now)
  }

  private webhooksFor(event: Event, of: Snapshot<CopiedWebhook>): readonly CopiedWebhook[] {
    if (this.index?.of !== of) {
      this.index = { of, webhooks: new WebhookIndex(of.webhooks, ({ sealed }) => sealed) }
    }
    const runtimes = this.dialectRuntimes()
    return [...this.index.webhooks.candidates(event)].filter(({ sealed, state }) =>
      isFor(toOpen(sealed, state), event, runtimes),
    )
  }

  /** What keys stand for, by their names, in order. */
  async findKeys(
    tenantId: string,
    names: readonly string[],
  ): Promise<readonly (KeyClaim | null)[]> {
    return names.map(await this.claimsBy(tenantId, names))
  }

  /** What is to be done in a transaction that has keys stand for what they are claimed for; it tells what each stood for before. */
  async prepareClaims(
    tenantId: string,
    claims: readonly KeyClaim[],
  ): Promise<{
    readonly write: () => readonly (FormerClaim | null)[]
    readonly isOutdated: () => boolean
  }> {
    const names = claims.map(({ name }) => name)
    const find = await this.claimsBy(tenantId, names)
    const { erasures } = this.stores
    const { asked } = erasures
    const erased = await erasures.amongKeys(claims)
    const write = () =>
      claims.map((claim): FormerClaim | null => {
        const { name, contentHash, answer } = claim
        const before = find(name)
        const erasedAt = erased.get(name)
        if (before === null && erasedAt !== undefined) return { ...claim, erasedAt }
        const entry = { contentHash, answer }
        if (before === null) this.stores.keys.add(new Map([[name, entry]]), Date.now())
        return before
      })
    return { write, isOutdated: () => erasures.asked !== asked }
  }

  private async claimsBy(tenantId: string, names: readonly string[]) {
    this.copyOf(tenantId)
    const former = await this.formerKeysOf(names)
    return (name: string): KeyClaim | null => {
      const entry = this.stores.keys.find(name, Date.now()) ?? former.get(name)
      return entry === undefined ? null : { ...entry, name }
    }
  }

  private formerKeys(calls: readonly AcceptCall[]) {
    const names = calls.flatMap(({ submissions, requestKey }) => [
      ...(requestKey === null ? [] : [requestKeyName(requestKey.key)]),
      ...submissions.flatMap(({ key }) => (key === null ? [] : [eventKeyName(key.key)])),
    ])
    return this.formerKeysOf(names)
  }

  private async formerKeysOf(
    names: readonly string[],
  ): Promise<Awaited<ReturnType<typeof findFormerKeys>>> {
    const now = Date.now()
    const isAsked = names.length > 0 && this.stores.keys.mayHaveFormer(now)
    return isAsked ? inTime(findFormerKeys(this.env.DB, this.knownTenant(), names, now)) : new Map()
  }

  private knownTenant(): string {
    const { tenantId } = this.stores.copy
    if (tenantId === null) throw new Error('Nobody has told yet whose events these are.')
    return tenantId
  }
}

/** How much of what is written waits for its time. */
function shareOf(waiting: number, accepted: number): 'some' | 'all' | 'none' {
  if (waiting === 0) return 'none'
  return accepted > 0 ? 'some' : 'all'
}
