// Every request has a reason, and every reason its request. A reason is a number of an attempt that is due at some time:
// the first when an event is published, the next when one failed and the schedule has a delay for it. Who asks for it to be
// sent again has a wish: it makes the next attempt of the run under way due now, or begins one when none is. A fault
// in between leaves it open whether the reason was used up: then all that may be true is followed.

import { PAUSE } from '../../src/limits.ts'
import { LATE_MS, MUTE_TYPE } from '../fakes/world.ts'
import { after } from './schedule.ts'
import type { Accepted, Fact, Known, Request } from './trace.ts'

interface Reason {
  /** Which sending it belongs to; copies and repetitions belong to the same. */
  readonly run: number
  readonly attempt: number
  /** True Unix milliseconds. */
  readonly due: number
  /** It ends in a request, unless policy ends it before. */
  readonly must: boolean
  /** Its request is under way. */
  readonly underWay?: Request
  /** It was under way when its delivery was cancelled: no other has to follow. */
  readonly isCancelled?: true
  /** Somebody's wish for a resend: it is no attempt by itself while a run is under way. */
  readonly isWish?: true
}

type Possibility = readonly Reason[]

/** What explains a request, and what is left of the other reasons then. */
interface Use {
  readonly reason: Reason
  readonly rest: Possibility
  /** It was a wish that joined the run under way, whose own message follows behind. */
  readonly joins?: boolean
}

/** More than one or two faults bring about. */
const MOST_POSSIBLE = 64

/** Messages of one attempt that are told apart. */
const MOST_COPIES = 3

/** In place of an attempt: the run has ended, whatever other messages it has. */
const OVER = 0

/** What becomes of a delivery to a webhook that takes nothing. */
type Closing = 'divert' | 'drop'

/** What the judge knows of one event for one webhook. */
export class Pair {
  possible: readonly Possibility[]
  received: 'no' | 'perhaps' | 'surely' = 'no'
  mayDivert = false
  mayDrop = false
  /** After too many faults anything is possible: nothing is asked of it any more but an end. */
  blurred = false
  /** Two messages carry it: an unfinished publish and the one that completed it, or a resend and the run that it joined. */
  twice = false
  /** Policy may have ended what was under way, unseen. */
  private mayHaveEnded = false
  private latest = 0
  private made = 0
  private runs = 0
  /** The sending that its publish caused. */
  private readonly firstRun: number
  /** Sendings for the case that it is missing. */
  private readonly ifMissing = new Set<number>()
  /** Requests under way, once it is blurred. */
  private late: Request[] = []
  readonly webhook: Known

  constructor(webhook: Known, possible: Possibility) {
    this.webhook = webhook
    this.possible = [possible]
    this.firstRun = possible.length === 0 ? 1 : 0
  }

  /** `how`: by publishing it, or by a wish for it to be sent again; `ifMissing`: unless it is delivered. */
  ask(at: number, how: 'publish' | 'again' | 'ifMissing'): void {
    this.runs += 1
    const { runs: run } = this
    if (how === 'ifMissing') this.ifMissing.add(run)
    const first = { run, attempt: 1, due: at, must: false }
    const asked: Reason = how === 'publish' ? first : { ...first, isWish: true }
    this.follow((reasons) => [[...reasons, asked]])
  }

  /** It is sent; what is on its way already need not be sent once more. */
  promise(): void {
    this.follow((reasons) => {
      const due = reasons.filter(({ attempt }) => attempt !== OVER)
      // A copy of what has ended carries nothing any more.
      const begun = due.filter(({ run, isWish }) => !isWish && !isOver(run, reasons))
      const [one, ...others] = begun.length > 0 ? begun : due.slice(-1)
      const isAlone = one !== undefined && others.length === 0
      return [reasons.map((each) => (isAlone && each === one ? { ...each, must: true } : each))]
    })
  }

  /** What may explain a request: a reason, and what is left of the others then. */
  private uses(reasons: Possibility, { sent: { at } }: Request, margin: number) {
    const free = reasons.filter(({ underWay, isWish }) => !underWay && !isWish)
    const due = free.filter((one) => one.due <= at)
    const usable = due.length > 0 ? due : free.filter((one) => one.due <= at + margin)
    const plain = usable.map((reason) => ({ reason, rest: without(reasons, reason) }))
    const wishes = reasons.filter((one) => one.isWish && one.due <= at + margin)
    const open = reasons.filter((one) => one.attempt !== OVER && !one.isWish)
    // What is heard late of a run that has ended keeps no other from beginning.
    const standing = open.filter(({ run }) => !isOver(run, reasons))
    const mayBegin = this.mayHaveEnded || standing.every(({ attempt }) => attempt === 1)
    const wished = wishes.flatMap((wish) => {
      const rest = without(reasons, wish)
      const now = { due: at, must: false }
      const joined = open.map((one) => {
        const { run, attempt, underWay } = one
        // Of what is under way nothing is known, so that it is made once more.
        if (underWay) return { reason: { run, attempt, ...now }, rest, joins: true }
        return { reason: { ...one, due: at }, rest: without(rest, one), joins: true }
      })
      const { isWish: _, ...first } = wish
      return mayBegin ? [...joined, { reason: first, rest }] : joined
    })
    const uses: readonly Use[] = [...plain, ...wished]
    return { isDue: due.length > 0, uses }
  }

  /** Which attempts of its run a request may be. */
  attemptsOf(request: Request, margin: number): readonly number[] {
    const attempts = this.possible.flatMap((reasons) => [
      ...reasons.filter(({ underWay }) => underWay?.sent === request.sent),
      ...this.uses(reasons, request, margin).uses.map(({ reason }) => reason),
    ])
    const isLate = request.sent.behaviour in LATE_MS
    const own = attempts.filter(({ underWay }) => !isLate || underWay?.sent === request.sent)
    return [...new Set(own.map(({ attempt }) => attempt))]
  }

  /** Whether a request has a reason; `margin` is what clocks may differ. */
  take(request: Request, margin: number): boolean {
    this.made += 1
    if (this.blurred) {
      if (request.sent.behaviour in LATE_MS) this.late.push(request)
      else this.answer(request, this.last(), [])
      return true
    }
    const next = this.possible.flatMap((reasons) => {
      const { isDue, uses } = this.uses(reasons, request, margin)
      if (uses.some(({ joins }) => joins)) this.twice = true
      return [
        ...uses.flatMap(({ reason, rest }) => this.use(request, reason, fulfilled(rest))),
        ...(isDue ? [] : this.repeat(request, reasons)),
      ]
    })
    if (next.length === 0) return false
    this.become(next)
    return true
  }

  /**
   * When the log cannot be asked, or asked too early to know, an event is sent again: as any attempt of its run so far.
   */
  private repeat(request: Request, reasons: Possibility): readonly Possibility[] {
    const isUnknown = this.twice && reasons.some(({ underWay }) => underWay)
    if ((request.safe && !isUnknown) || this.latest === 0) return []
    const attempts = Array.from({ length: this.latest + 1 }, (_, before) => before + 1)
    const runs = new Set([...reasons.map(({ run }) => run), this.runs])
    return attempts.flatMap((attempt) =>
      [...runs].flatMap((run) =>
        this.use(request, { run, attempt, due: request.sent.at, must: false }, reasons),
      ),
    )
  }

  private use(request: Request, reason: Reason, others: Possibility): readonly Possibility[] {
    this.latest = Math.max(this.latest, reason.attempt)
    const isLate = request.sent.behaviour in LATE_MS
    if (isLate) return [[...others, { ...reason, must: true, underWay: request }]]
    return this.answer(request, reason, others)
  }

  /** Late answers that have come by `now`. */
  advance(now: number, safe: boolean): readonly Request[] {
    const answered = new Set<Request>()
    const hasCome = (request: Request) => request.sent.at + lateness(request) <= now
    for (const one of this.late.filter(hasCome)) {
      this.answer({ ...one, safe: safe && one.safe }, this.last(), [])
      answered.add(one)
    }
    this.late = this.late.filter((one) => !hasCome(one))
    const isDue = ({ underWay }: Reason) => underWay && underWay.sent.at + lateness(underWay) <= now
    while (this.possible.some((reasons) => reasons.some(isDue))) {
      this.follow((reasons) => {
        const reason = reasons.find(isDue)
        if (!reason?.underWay) return [reasons]
        const { underWay, ...rest } = reason
        answered.add(underWay)
        const others = without(reasons, reason)
        return this.answer({ ...underWay, safe: safe && underWay.safe }, rest, others)
      })
    }
    return [...answered]
  }

  /** What was under way may never be heard of again. */
  die(now: number): void {
    this.late = this.late.map((one) => ({ ...one, safe: false }))
    if (!this.possible.some((reasons) => reasons.some(({ underWay }) => underWay))) return
    const lose = ({ underWay, ...rest }: Reason) => (underWay ? { ...rest, due: now } : rest)
    const doubt = (one: Reason) =>
      one.underWay ? { ...one, underWay: { ...one.underWay, safe: false } } : one
    this.follow((reasons) => [reasons.map(doubt), reasons.map(lose)])
  }

  /** What was sent first nobody has written down, and may never: then it comes again. */
  comeAgain(now: number): void {
    if (this.received === 'surely') this.received = 'perhaps'
    const again = { run: this.firstRun, attempt: 1, due: now, must: false }
    // Once is enough: whoever sends it then notes it, or dies, which is another mishap.
    const isSame = ({ run, attempt, underWay }: Reason) =>
      run === again.run && attempt === 1 && underWay === undefined
    this.follow((reasons) => (reasons.some(isSame) ? [reasons] : [reasons, [...reasons, again]]))
  }

  /** From now on nothing is asked of it but an end. */
  blur(): void {
    if (this.blurred) return
    this.blurred = true
    const underWay = this.possible.flat().flatMap((one) => one.underWay ?? [])
    this.late.push(...new Set(underWay))
    this.possible = [[]]
  }

  copy(): void {
    if (this.possible.every((reasons) => reasons.every(({ attempt }) => attempt === OVER))) return
    this.follow((reasons) => {
      const alike = Map.groupBy(reasons, ({ run, attempt, due }) => `${run} ${attempt} ${due}`)
      const copies = [...alike.values()].flatMap(([one, ...others]) => {
        if (!one || one.attempt === OVER || others.length + 1 >= MOST_COPIES) return []
        const { underWay: _, ...rest } = one
        return [{ ...rest, must: false }]
      })
      return [[...reasons, ...copies]]
    })
  }

  /** The webhook takes nothing now, so what is due ends as its policy says. */
  close(closing: Closing): void {
    this.mayHaveEnded = true
    this.excuse()
    if (closing === 'divert') this.mayDivert = true
    else this.mayDrop = true
  }

  /** What is pending ends, whatever comes of a request that is under way. */
  cancel(): void {
    this.close('drop')
    if (!this.possible.some((reasons) => reasons.some(({ underWay }) => underWay))) return
    this.follow((reasons) => [
      reasons.map((one) => (one.underWay ? { ...one, isCancelled: true as const } : one)),
    ])
  }

  excuse(): void {
    if (!this.possible.some((reasons) => reasons.some(({ must }) => must))) return
    this.follow((reasons) => [reasons.map((reason) => ({ ...reason, must: false }))])
  }

  /** Attempts that policy wants and that were never made: empty when there may be none. */
  open(): Possibility {
    const open = this.possible.map((reasons) => reasons.filter(({ must }) => must))
    return open.toSorted((a, b) => a.length - b.length)[0] ?? []
  }

  private answer(request: Request, reason: Reason, others: Possibility): readonly Possibility[] {
    const { safe, config } = request
    const { run } = reason
    const at = request.sent.at + lateness(request)
    const what = after(request, reason.attempt)
    if (what.kind === 'delivered') {
      if (this.received !== 'surely') this.received = safe ? 'surely' : 'perhaps'
    } else if (!config.policy.divert) this.mayDrop = true
    else if (what.kind !== 'retry') this.mayDivert = true
    // What has ended needs no other message of its run, nor once it is delivered its publish any retry.
    const isDelivered = what.kind === 'delivered'
    const ended = isDelivered ? [...new Set([run, this.firstRun, ...this.ifMissing])] : [run]
    const over = what.kind === 'retry' ? [] : ended
    const must = !isOver(run, others) && reason.isCancelled !== true
    const next: Possibility =
      what.kind === 'retry'
        ? [{ run, attempt: reason.attempt + 1, due: at + what.delayMs, must }]
        : over.map((one) => ({
            run: one,
            attempt: OVER,
            due: Number.POSITIVE_INFINITY,
            must: false,
          }))
    const isMoot = ({ run, underWay }: Reason) =>
      isDelivered && safe && !underWay && this.ifMissing.has(run)
    const left = others
      .filter((other) => other.attempt === OVER || !isMoot(other))
      .map((other) => (over.includes(other.run) ? { ...other, must: false } : other))
    if (safe) return [[...left, ...next]]
    // Whether it was written down nobody knows: it may come again, or must.
    const again = { run, attempt: reason.attempt, due: request.sent.at }
    const perhaps = next
      .filter(({ attempt }) => attempt !== OVER)
      .map((one) => ({ ...one, must: false }))
    return [
      [...left, ...next, { ...again, must: false }],
      [...others, ...perhaps, { ...again, must: reason.must }],
    ]
  }

  /** What a request may be at most: the last attempt of a run that all requests so far belong to. */
  private last(): Reason {
    return { run: 0, attempt: this.made, due: 0, must: false }
  }

  private follow(next: (reasons: Possibility) => readonly Possibility[]): void {
    this.become(this.possible.flatMap(next))
  }

  private become(possible: readonly Possibility[]): void {
    if (possible.length === 1) {
      this.possible = this.blurred ? [[]] : possible
      return
    }
    const next = distinct(possible)
    if (!this.blurred && next.length > MOST_POSSIBLE) {
      this.possible = next
      this.blur()
    }
    this.possible = this.blurred ? [[]] : next
  }
}

/** A wish is fulfilled by whatever is sent after it. */
function fulfilled(reasons: Possibility): Possibility {
  return reasons.map((one) => (one.isWish && one.must ? { ...one, must: false } : one))
}

function isOver(run: number, reasons: Possibility): boolean {
  return reasons.some((one) => one.run === run && one.attempt === OVER)
}

function without(reasons: Possibility, used: Reason): Possibility {
  return reasons.filter((reason) => reason !== used)
}

function lateness({ sent: { behaviour } }: Request): number {
  return behaviour === 'slow' || behaviour === 'hanging' ? LATE_MS[behaviour] : 0
}

function toText(reasons: Possibility): string {
  const texts = reasons.map(({ run, attempt, due, must, underWay, isWish }) => {
    const what = isWish ? 'wished for' : 'due'
    const state = underWay ? `under way since ${underWay.sent.at}` : `${what} at ${due}`
    return `${run}/${attempt}${must ? '!' : ''} ${state}`
  })
  return texts.toSorted().join(', ')
}

function distinct(possible: readonly Possibility[]): readonly Possibility[] {
  const byText = new Map<string, Possibility>()
  for (const reasons of possible) {
    byText.set(toText(reasons), reasons)
  }
  return [...byText.values()]
}

/** All pairs of a history. */
export class Reasons {
  readonly broken: string[] = []
  private readonly pairs = new Map<string, Pair>()
  private readonly copies: string[] = []
  private disturbed = false
  private readonly paused = new Set<Known>()
  private begunAt: number | null = null
  private readonly closings = new Map<Known, readonly Closing[]>()
  private readonly accepted: ReadonlyMap<string, Accepted>
  private readonly marginMs: number

  constructor(accepted: readonly Accepted[], marginMs: number) {
    this.accepted = new Map(accepted.map((event) => [event.id, event]))
    this.marginMs = marginMs
  }

  of(webhook: Known, eventId: string): Pair {
    const key = `${webhook.id}/${eventId}`
    const present = this.pairs.get(key)
    if (present) return present
    // What Hookline publishes itself, and what a refused publish left, is asked for once, unseen.
    const unseen = { run: 0, attempt: 1, due: Number.NEGATIVE_INFINITY, must: false }
    const isFirst = this.accepted.get(eventId)?.first ?? false
    const made = new Pair(webhook, isFirst ? [] : [unseen])
    made.twice = !isFirst && this.accepted.has(eventId)
    if (!isFirst) {
      for (const closing of this.closings.get(webhook) ?? []) made.close(closing)
      // A notice that was sent and not known to be is sent twice.
      if (this.disturbed) made.copy()
      for (const text of this.copies) if (concerns(text, key)) made.copy()
    }
    this.pairs.set(key, made)
    return made
  }

  next(fact: Fact): void {
    this.begunAt ??= fact.at
    switch (fact.kind) {
      case 'request':
        this.take(fact.request)
        return
      case 'asked':
        this.of(fact.webhook, fact.eventId).ask(fact.at, fact.how)
        return
      case 'promised':
        this.of(fact.webhook, fact.eventId).promise()
        return
      case 'excused':
        this.of(fact.webhook, fact.eventId).excuse()
        return
      case 'copied':
        this.copies.push(fact.text)
        for (const [key, pair] of this.pairs) if (concerns(fact.text, key)) pair.copy()
        return
      case 'mishap':
        this.disturbed = true
        for (const pair of this.pairs.values()) pair.die(fact.at)
        for (const { webhook, eventId } of fact.unnoted) {
          this.of(webhook, eventId).comeAgain(fact.at)
        }
        return
      case 'advanced':
        for (const pair of this.pairs.values()) pair.advance(fact.at, fact.safe)
        return
      case 'paused':
      case 'unverified':
      case 'rated':
      case 'ordered':
        this.paused.add(fact.webhook)
        return
      case 'cancelled':
        this.close(fact.webhook, 'drop')
        for (const pair of this.pairs.values()) if (pair.webhook === fact.webhook) pair.cancel()
        return
      case 'seen':
        // What waited for as long as any event does.
        if (fact.at >= this.begunAt + PAUSE.waitSeconds * 1_000)
          for (const webhook of this.paused) this.close(webhook, 'divert')
        for (const [webhook, { status, policy }] of fact.webhooks) {
          if (status === 'active') continue
          this.close(webhook, status !== 'deleted' && policy.divert ? 'divert' : 'drop')
        }
    }
  }

  private close(webhook: Known, closing: Closing): void {
    const closings = this.closings.get(webhook) ?? []
    if (!closings.includes(closing)) this.closings.set(webhook, [...closings, closing])
    for (const pair of this.pairs.values()) if (pair.webhook === webhook) pair.close(closing)
  }

  private take(request: Request): void {
    const { webhook, config, status, sent } = request
    const say = (what: string) => this.broken.push(`${sent.eventId} at ${sent.url}: ${what}`)
    if (status !== 'active' && status !== 'unclear')
      say(`it was sent, and the webhook is ${status}`)
    if (sent.url !== config.url) say(`it was sent, and the webhook is at ${config.url}`)
    if (config.isMute && sent.body.includes(`"type":"${MUTE_TYPE}"`)) say('it has no words for it')
    const pair = this.of(webhook, sent.eventId)
    // Its attempts are those of the request, whatever came before.
    if (sent.joint) pair.blur()
    const due = pair.possible.slice(0, 3).map(toText).join(' or ')
    if (!pair.take(request, this.marginMs))
      say(`a request at ${sent.at} has no reason; there were: ${due}`)
  }
}

/** Whether a message of a queue carries an event, and if it is a delivery, to this webhook. */
function concerns(text: string, key: string): boolean {
  const [webhookId = '', eventId = ''] = key.split('/')
  return text.includes(eventId) && (!text.includes('"kind":"deliver"') || text.includes(webhookId))
}
