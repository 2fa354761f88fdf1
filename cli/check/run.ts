// Runs the checks against a receiver, one after the other, and grades it.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Check } from './check.ts'
import { CHECKS, GZIP } from './checks.ts'
import { VALID } from './genuine.ts'
import { type Exchange, type Finding, judge, judgeCommon, seenOf } from './judge.ts'
import { BEFORE, COUNTED_AFTER, judgeCounts, readCount } from './observe.ts'
import { type Answer, send } from './send.ts'
import { createSender, type Outgoing, type SenderOptions } from './sender.ts'

export interface RunOptions extends SenderOptions {
  readonly url: URL
  /** Where the receiver says how many events it has handled. */
  readonly observe: URL | null
  /** How long an answer may take. */
  readonly timeoutMs: number
  /** How long it should take at most. */
  readonly slowMs: number
  /** How long after an answer an event may be handled and counted. */
  readonly settleMs: number
  /** No check is begun later than this. */
  readonly deadlineMs: number
  /** How long a receiver may ask to wait (429). */
  readonly mostWaitMs: number
}

/** Hookline's own timeout, and a third of it. */
export const RUN_DEFAULTS = {
  ...{ type: 'hookline.check', data: '{"number":42}', observe: null },
  ...{ timeoutMs: 15_000, slowMs: 5_000, slowBodyMs: 3_000, settleMs: 1_000 },
  ...{ deadlineMs: 240_000, mostWaitMs: 10_000 },
} satisfies Omit<RunOptions, 'url' | 'secret'>

export interface CheckResult {
  readonly name: string
  readonly sends: string
  readonly verdict: 'passed' | 'finding' | 'not judged'
  /** What was answered, or why it is not judged. */
  readonly seen: string
}

export type Grade = 'A' | 'B' | 'C' | 'D' | 'F'

export interface Report {
  readonly url: string
  readonly grade: Grade
  readonly requests: number
  readonly results: readonly CheckResult[]
  readonly findings: readonly Finding[]
}

/** So many in a row without an answer, and the receiver is taken for gone. */
const MOST_UNANSWERED = 3

/** Makes all checks; how long that takes is bounded by the deadline and one timeout. */
export async function runChecks(options: RunOptions): Promise<Report> {
  const sender = createSender(options)
  const exchanges: Exchange[] = []
  const results: CheckResult[] = []
  const found: Finding[] = []
  const counts = new Map<string, number>()
  const deadline = performance.now() + options.deadlineMs
  await count(BEFORE, options, counts)
  for (const check of CHECKS) {
    const { name, sends } = check
    const why = performance.now() > deadline ? 'the time was over' : whyNot(check, exchanges, found)
    if (why !== null) {
      results.push({ name, sends, verdict: 'not judged', seen: why })
      continue
    }
    const made = await Promise.all(
      check.requests(sender).map(async (outgoing) => ({
        check,
        outgoing,
        answer: await sendOrWait(outgoing, options),
      })),
    )
    exchanges.push(...made)
    const answers = made.map(({ answer }) => answer)
    const seen = answers.map(seenOf).join(', ')
    const isLimited = check.expects === 'taken' && answers.some(({ status }) => status === 429)
    const finding = isLimited ? null : judge(check, answers)
    if (finding !== null) found.push(finding)
    const verdict = isLimited ? 'not judged' : finding === null ? 'passed' : 'finding'
    results.push({ name, sends, verdict, seen })
    if (COUNTED_AFTER.includes(name)) await count(name, options, counts)
  }
  const observed = options.observe === null ? [] : judgeCounts(counts)
  if (typeof observed === 'string') {
    const sends = 'what was handled'
    results.push({ name: 'observe', sends, verdict: 'not judged', seen: observed })
  }
  const findings = [
    ...found,
    ...(typeof observed === 'string' ? [] : observed),
    ...judgeCommon(exchanges, options),
  ]
  const { url } = options
  return { url: url.href, grade: gradeOf(findings), requests: exchanges.length, results, findings }
}

/** Why a check would say nothing now; null where it says something. */
function whyNot(
  check: Check,
  exchanges: readonly Exchange[],
  found: readonly Finding[],
): string | null {
  const last = exchanges.slice(-MOST_UNANSWERED)
  if (last.length === MOST_UNANSWERED && last.every(({ answer }) => answer.status === null)) {
    return 'the receiver does not answer any more'
  }
  const needsValid = check.expects === 'taken' || check.expects === 'busy'
  if (needsValid && found.some(({ name }) => name === VALID.name)) {
    return 'a valid request is refused already'
  }
  const takesGzip = ({ answer }: Exchange) =>
    /\bgzip\b/.test(answer.headers['accept-encoding'] ?? '')
  return check === GZIP && !exchanges.some(takesGzip) ? 'no answer said that it takes gzip' : null
}

async function count(
  moment: string,
  { observe, settleMs, timeoutMs }: RunOptions,
  counts: Map<string, number>,
): Promise<void> {
  if (observe === null) return
  // What is handled after the answer is counted some time later.
  if (moment !== BEFORE) await sleep(settleMs)
  const handled = await readCount(observe, timeoutMs)
  if (handled !== null) counts.set(moment, handled)
}

/** Sends once more where the receiver asks to wait a moment. */
async function sendOrWait(
  outgoing: Outgoing,
  { url, timeoutMs, mostWaitMs }: RunOptions,
): Promise<Answer> {
  const answer = await send(url, outgoing, timeoutMs)
  const waitMs = Number(answer.headers['retry-after'] ?? 1) * 1_000
  if (answer.status !== 429 || !(waitMs <= mostWaitMs)) return answer
  await sleep(waitMs)
  return send(url, outgoing, timeoutMs)
}

/** A: nothing found. B: nothing but what is minor. C, D: one or two that are risky, or more. F: one that is wrong, or nothing arrives. */
function gradeOf(findings: readonly Finding[]): Grade {
  const risky = findings.filter(({ severity }) => severity === 'risky').length
  if (findings.some(({ name, severity }) => severity === 'wrong' || name === VALID.name)) return 'F'
  if (risky > 0) return risky <= 2 ? 'C' : 'D'
  return findings.length > 0 ? 'B' : 'A'
}
