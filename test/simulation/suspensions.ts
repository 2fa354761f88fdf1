// Suspended exactly when docs/contracts/delivery.md, "Suspension", says so: after enough time without a success and on
// enough distinct events, at once for one that is gone, never before, and until it is resumed.

import { LATE_MS } from '../fakes/world.ts'
import type { Reasons } from './reasons.ts'
import { after } from './schedule.ts'
import type { Fact, Known, Request } from './trace.ts'

/** Milliseconds until a receiver answers that is neither slow nor hanging. */
const PROMPT_MS = 20

interface Count {
  since: number | null
  failed: Set<string>
  exhausted: Set<string>
  /** Another event may be exhausted, or may not. */
  isUnclear: boolean
  /** When each event failed last, by the clock that wrote it down, and the first failure since the last success. */
  readonly last: Map<string, number>
  begun: number
  suspended: boolean
  /** It said that it is gone, which may be told later than what it says to the next. */
  untold: boolean
  /** After a fault nobody knows what the log counts, until a success or a resume starts anew… */
  counted: boolean
  /** …nor whether it is suspended, until that is seen. */
  seen: boolean
  underWay: readonly Request[]
}

export class Suspensions {
  readonly broken: string[] = []
  private readonly counts = new Map<Known, Count>()
  private readonly reasons: Reasons
  private readonly marginMs: number

  constructor(reasons: Reasons, marginMs: number) {
    this.reasons = reasons
    this.marginMs = marginMs
  }

  /** To be told of a fact before the reasons are. */
  next(fact: Fact): void {
    if (fact.kind === 'request') {
      const count = this.of(fact.request.webhook)
      if (fact.request.sent.behaviour in LATE_MS) count.underWay = [...count.underWay, fact.request]
      else this.observe(fact.request, PROMPT_MS)
    } else if (fact.kind === 'resumed') {
      this.resume(this.of(fact.webhook))
    } else if (fact.kind === 'mishap') {
      for (const count of this.counts.values()) {
        Object.assign(count, { counted: false, seen: false })
        count.underWay = count.underWay.map((one) => ({ ...one, safe: false }))
      }
    } else if (fact.kind === 'advanced') {
      for (const count of this.counts.values()) this.advance(count, fact.at, fact.safe)
    } else if (fact.kind === 'seen') {
      for (const [webhook, { status }] of fact.webhooks) {
        const isClear = status === 'active' || status === 'suspended'
        if (isClear) this.compare(webhook, status === 'suspended', fact.settled)
        else if (status === 'unclear') this.of(webhook).seen = false
      }
    }
  }

  private of(webhook: Known): Count {
    const present = this.counts.get(webhook)
    if (present) return present
    const made = {
      ...anew(),
      last: new Map(),
      suspended: false,
      untold: false,
      seen: true,
      underWay: [],
    }
    this.counts.set(webhook, made)
    return made
  }

  /** Without a suspension it does nothing. */
  private resume(count: Count): void {
    if (!count.seen) count.counted = false
    else if (count.suspended) Object.assign(count, { ...anew(), suspended: false, untold: false })
  }

  private advance(count: Count, now: number, safe: boolean): void {
    const isAnswered = ({ sent }: Request) => sent.at + latenessOf(sent.behaviour) <= now
    const answered = count.underWay.filter(isAnswered)
    count.underWay = count.underWay.filter((one) => !isAnswered(one))
    for (const request of answered)
      this.observe({ ...request, safe: safe && request.safe }, latenessOf(request.sent.behaviour))
    // Which of several late answers is written down first, nobody says.
    if (new Set(answered.map(({ sent }) => sent.behaviour)).size > 1) count.counted = false
  }

  private observe(request: Request, durationMs: number): void {
    const { webhook, sent, config, safe, skewMs } = request
    const count = this.of(webhook)
    // A request counts once, however many events it tells of.
    if (sent.joint) Object.assign(count, { counted: false, seen: false })
    const possible = this.attemptsOf(request)
    const answers = possible.map((attempt) => after(request, attempt).kind)
    const [answer] = answers
    if (!safe || answer === undefined) Object.assign(count, { counted: false, seen: false })
    if (answer === undefined) return
    if (answer === 'delivered') {
      Object.assign(count, { ...anew(), counted: safe && !count.untold })
      return
    }
    if (answer === 'gone') {
      Object.assign(count, { suspended: true, untold: true })
      return
    }
    count.since ??= sent.at
    count.begun = Math.min(count.begun, sent.at + skewMs)
    // One that failed before, at a time that is not earlier, seems to have failed since.
    const last = count.last.get(sent.eventId) ?? Number.NEGATIVE_INFINITY
    if (!count.failed.has(sent.eventId) && last >= count.begun) count.counted = false
    count.last.set(sent.eventId, Math.max(last, sent.at + skewMs))
    count.failed.add(sent.eventId)
    const isFinal = (one: (typeof answers)[number]) => one === 'exhausted' || one === 'excluded'
    if (answers.every(isFinal)) count.exhausted.add(sent.eventId)
    else if (answers.some(isFinal)) count.isUnclear = true
    const { suspend } = config.policy
    if (suspend === null || count.suspended) return
    if (suspend.afterSeconds === 0 && count.isUnclear) count.counted = false
    const events = suspend.afterSeconds === 0 ? count.exhausted : count.failed
    const early = sent.at + durationMs - count.since - suspend.afterSeconds * 1_000
    if (events.size < suspend.afterFailures) return
    if (suspend.afterSeconds > 0 && Math.abs(early) < this.marginMs) count.counted = false
    if (early >= 0) count.suspended = true
  }

  /** Which attempts of its run the request may be. */
  private attemptsOf(request: Request): readonly number[] {
    const pair = this.reasons.of(request.webhook, request.sent.eventId)
    return pair.attemptsOf(request, this.marginMs)
  }

  private compare(webhook: Known, isSuspended: boolean, settled: boolean): void {
    const count = this.of(webhook)
    if (!settled) count.counted = false
    if (count.counted && count.seen && count.suspended !== isSuspended) {
      const what = isSuspended ? 'is suspended before its time' : 'should be suspended, and is not'
      const { since, failed, exhausted } = count
      const why = `failing since ${since} on ${failed.size} events, ${exhausted.size} exhausted`
      this.broken.push(`${webhook.config.url} ${what}: ${why}`)
    }
    if (isSuspended || settled) count.untold = false
    Object.assign(count, { suspended: isSuspended, seen: true })
  }
}

function anew() {
  return {
    since: null,
    begun: Number.POSITIVE_INFINITY,
    failed: new Set<string>(),
    exhausted: new Set<string>(),
    isUnclear: false,
    counted: true,
  }
}

function latenessOf(behaviour: Request['sent']['behaviour']): number {
  return behaviour === 'slow' || behaviour === 'hanging' ? LATE_MS[behaviour] : PROMPT_MS
}
