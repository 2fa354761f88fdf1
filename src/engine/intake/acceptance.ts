// What becomes of events that are handed in together. Runs inside the event log. In: requests, and what the log knows of their
// keys and ids; out: what to write, all of it in one transaction, and what to answer.

import { type Event, expunge, isCancelled, isExpunged, type LoggedEvent } from '../model/index.ts'
import type { AcceptRequest, SubmissionAnswer } from '../ports/index.ts'

/** What a deduplication key stands for. */
export interface KeyEntry {
  readonly contentHash: string
  /** The event's id; of a request what `toAnswer` writes. */
  readonly answer: string
}

interface KnownToLog<W> {
  /** By its name: `event:` or `request:`, and what the producer gave. */
  key(name: string): KeyEntry | null
  event(id: string): LoggedEvent | null
  /** Whether it was scheduled, and its time has not come. */
  isAhead(event: Event): boolean
  /** A scheduled event as it waits here, if it does: it may have been cancelled meanwhile, or expunged. */
  waiting(event: Event): Event | null
  /** Whether so many more may wait. */
  hasRoomFor(events: readonly Event[]): boolean
  /** The webhooks that an event is for. */
  webhooksFor(event: Event): readonly W[]
  idOf(webhook: W): string
  /** Whether its consumers read its events themselves: nothing is sent to it. */
  isPull(webhook: W): boolean
  /** Whether its events come in order. */
  isOrdered(webhook: W): boolean
  /** When it was to be erased, Unix milliseconds, if that was after it was published; else null. */
  erasedAt(event: Event): number | null
  /** Whether another shard said that an event of its own was to be erased. */
  isErasedElsewhere(id: string): boolean
  /** Those of the webhooks for which nothing was noted of the event. */
  untended(event: LoggedEvent): readonly W[]
}

export interface Decided<W> {
  readonly kind: 'accepted'
  readonly answers: readonly SubmissionAnswer[]
  /** `index`: of the submission. */
  readonly deliveries: readonly {
    readonly index: number
    readonly webhooks: readonly W[]
    readonly mayHaveBegun: boolean
  }[]
}

type Refused =
  | { readonly kind: 'mismatch' | 'full' }
  | { readonly kind: 'conflict'; readonly index: number }

/** What some requests leave to be written, each after what those before it leave. */
export class Acceptances<W> {
  readonly events = new Map<string, LoggedEvent>()
  readonly keys = new Map<string, KeyEntry>()
  /** Events whose time has not come. */
  readonly waiting = new Map<string, Event>()
  /** Events of which no caller takes the deliveries on: the log sees to them. */
  readonly left: string[] = []
  /** What comes in order: no caller takes it on, because only the log knows the order. */
  readonly ordered: { readonly event: LoggedEvent; readonly webhook: W }[] = []
  private readonly known: KnownToLog<W>

  constructor(known: KnownToLog<W>) {
    this.known = known
  }

  decide(request: AcceptRequest): Decided<W> | Refused {
    const { submissions, requestKey, most, elsewhere, isPromised = false } = request
    const former = requestKey && this.keyOf(requestKeyName(requestKey.key))
    if (requestKey && former) {
      if (former.contentHash !== requestKey.contentHash) return { kind: 'mismatch' }
      return { kind: 'accepted', answers: fromAnswer(former.answer), deliveries: [] }
    }
    const fresh = new Map<string, KeyEntry>()
    const answers: SubmissionAnswer[] = []
    const taken: { readonly event: Event; readonly index: number }[] = []
    for (const [index, { event, key }] of submissions.entries()) {
      const name = key && eventKeyName(key.key)
      const before = name === null ? null : (fresh.get(name) ?? this.keyOf(name))
      if (before && before.contentHash !== key?.contentHash) return { kind: 'conflict', index }
      const isDuplicate = before !== null && before.answer !== event.id
      answers.push({ id: before?.answer ?? event.id, duplicate: isDuplicate })
      if (isDuplicate) continue
      // The key of what is erased is forgotten with it.
      if (this.known.erasedAt(event) !== null) {
        taken.push({ event, index })
        continue
      }
      if (key && name) fresh.set(name, { contentHash: key.contentHash, answer: event.id })
      taken.push({ event, index })
    }
    if (!isPromised && this.isFull(taken.map(({ event }) => event))) return { kind: 'full' }
    for (const [name, entry] of fresh) this.keys.set(name, entry)
    const all = elsewhere === undefined ? answers : merge(elsewhere, answers)
    // As that of an event.
    const isErased =
      taken.some(({ event }) => this.known.erasedAt(event) !== null) ||
      all.some(({ id }) => this.known.isErasedElsewhere(id))
    if (requestKey && !isErased) {
      const { key, contentHash } = requestKey
      this.keys.set(requestKeyName(key), { contentHash, answer: toAnswer(all) })
    }
    return { kind: 'accepted', answers, deliveries: this.take(taken, most) }
  }

  /** Deliveries in whole events, until they are `most`. */
  private take(
    taken: readonly { readonly event: Event; readonly index: number }[],
    most: number,
  ): Decided<W>['deliveries'] {
    const deliveries: Decided<W>['deliveries'][number][] = []
    let count = 0
    for (const { event: given, index } of taken) {
      const before = this.events.get(given.id) ?? this.known.event(given.id)
      if (before === null && this.known.isAhead(given)) {
        this.wait(given)
        continue
      }
      const event = before === null ? (this.known.waiting(given) ?? given) : given
      const matched = before ? this.known.untended(before) : this.webhooksFor(event)
      const pulls = matched.filter((webhook) => this.known.isPull(webhook))
      const sent = matched.filter((webhook) => !pulls.includes(webhook))
      // What was accepted before is in no order any more.
      const inOrder = before ? [] : sent.filter((webhook) => this.known.isOrdered(webhook))
      const webhooks = sent.filter((webhook) => !inOrder.includes(webhook))
      if (before === null) {
        const webhookIds = sent.map((webhook) => this.known.idOf(webhook))
        const pullWebhookIds = pulls.map((webhook) => this.known.idOf(webhook))
        const at = this.known.erasedAt(event)
        const accepted = at === null ? event : expunge(event, at)
        const logged = { ...accepted, webhookIds }
        this.events.set(event.id, pulls.length === 0 ? logged : { ...logged, pullWebhookIds })
      }
      const known = this.events.get(event.id) ?? before
      if (known !== null && isExpunged(known)) continue
      if (known !== null)
        this.ordered.push(...inOrder.map((webhook) => ({ event: known, webhook })))
      if (webhooks.length === 0) continue
      if (count >= most) {
        this.left.push(event.id)
        continue
      }
      deliveries.push({ index, webhooks, mayHaveBegun: before !== null })
      count += webhooks.length
    }
    return deliveries
  }

  /** What lost its content on the way is for nobody: that would have told whom it was for. Nor is what was cancelled. */
  private webhooksFor(event: Event): readonly W[] {
    return isExpunged(event) || isCancelled(event) ? [] : this.known.webhooksFor(event)
  }

  /** Keeps an event until its time comes, as it was handed in first. */
  private wait(event: Event): void {
    if (this.waiting.has(event.id) || this.known.waiting(event) !== null) return
    const at = this.known.erasedAt(event)
    this.waiting.set(event.id, at === null ? event : expunge(event, at))
  }

  /** Whether so many of some events are new, and would have to wait, that there is no room for them. */
  private isFull(events: readonly Event[]): boolean {
    const isNew = (event: Event) =>
      this.known.isAhead(event) &&
      !this.waiting.has(event.id) &&
      this.known.waiting(event) === null &&
      this.known.event(event.id) === null
    const added = events.filter(isNew)
    return added.length > 0 && !this.known.hasRoomFor([...this.waiting.values(), ...added])
  }

  private keyOf(name: string): KeyEntry | null {
    return this.keys.get(name) ?? this.known.key(name)
  }
}

/** As the name of a key: what a producer called an event. */
export function eventKeyName(key: string): string {
  return `event:${key}`
}

/** As the name of a key: what a producer called a request. */
export function requestKeyName(key: string): string {
  return `request:${key}`
}

/** Answers of which some are given, and the others follow in order. */
function merge(
  given: readonly (SubmissionAnswer | null)[],
  others: readonly SubmissionAnswer[],
): readonly SubmissionAnswer[] {
  const rest = others.values()
  return given.flatMap((one) => one ?? rest.next().value ?? [])
}

/** The ids in order, with spaces between; behind that of a duplicate a plus sign. */
function toAnswer(answers: readonly SubmissionAnswer[]): string {
  return answers.map(({ id, duplicate }) => (duplicate ? `${id}+` : id)).join(' ')
}

/** What `toAnswer` wrote. */
export function fromAnswer(text: string): readonly SubmissionAnswer[] {
  return text
    .split(' ')
    .map((word) => ({ id: word.replace('+', ''), duplicate: word.endsWith('+') }))
}
