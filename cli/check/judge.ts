// What the answers to a check say, and what the answers to all of them have in common.

import type { Check, Severity } from './check.ts'
import type { Answer } from './send.ts'
import type { Outgoing } from './sender.ts'
import { type Secret, signatureOf } from './signing.ts'

export interface Finding {
  /** That of a check, or of what answers have in common. */
  readonly name: string
  readonly severity: Severity
  /** What the receiver does, and what follows. */
  readonly finding: string
  /** What was seen, such as `500` or `no answer within 15000 ms`. */
  readonly seen: string
}

/** A request and its answer. */
export interface Exchange {
  readonly check: Check
  readonly outgoing: Outgoing
  readonly answer: Answer
}

const isTaken = ({ status }: Answer) => status !== null && status >= 200 && status <= 299
/** 501 says that it knows no such thing, which is no fault. */
const isFault = ({ status }: Answer) => status !== null && status >= 500 && status !== 501
/** "Not now": what a receiver may answer while it is at work on the same event. */
const LATER: readonly (number | null)[] = [409, 423, 425, 429, 503]

const MEETS: Readonly<Record<Check['expects'], (answer: Answer) => boolean>> = {
  taken: isTaken,
  // A fault or no answer is no consent: it is told for all of them at once.
  refused: (answer) => !isTaken(answer),
  survived: (answer) => answer.status !== null && !isFault(answer),
  busy: (answer) => isTaken(answer) || LATER.includes(answer.status),
}

export const seenOf = ({ status, error }: Answer) => (status === null ? error : String(status))

/** Null where the answers are those of a right receiver. */
export function judge(
  { name, severity, finding, expects }: Check,
  answers: readonly Answer[],
): Finding | null {
  const odd = answers.find((answer) => !MEETS[expects](answer))
  return odd === undefined ? null : { name, severity, finding, seen: seenOf(odd) }
}

const STACK =
  /\n\s+at .+:\d+:\d+|Traceback \(most recent call last\)|goroutine \d+ \[|\tat [\w.$]+\(\w+\.java:\d+\)|\.rb:\d+:in |Stack trace:\s*#0|#0 \S+\.php\(\d+\)/

interface Common {
  readonly name: string
  readonly severity: Severity
  readonly finding: string
  readonly isSeen: (exchange: Exchange, limits: Limits) => boolean
}

export interface Limits {
  readonly secret: Secret
  /** Longer than a right receiver takes for an answer. */
  readonly slowMs: number
}

/** What may be seen in any answer, in the order in which it is told. */
const COMMON: readonly Common[] = [
  {
    name: 'leaks-secret',
    severity: 'wrong',
    finding: 'tells its secret',
    isSeen: ({ answer }, { secret }) => said(answer).includes(secret.text.slice('whsec_'.length)),
  },
  {
    name: 'leaks-signature',
    severity: 'wrong',
    finding: 'tells the right signature of what it refuses, so that anybody can send it',
    isSeen: ({ outgoing, answer }, { secret }) => {
      const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '' } = outgoing.headers
      const right = signatureOf(secret, { id, timestamp, body: outgoing.bytes.toString() })
      const forms = [right, Buffer.from(right, 'base64').toString('hex')]
      const given = outgoing.headers['webhook-signature'] ?? ''
      return forms.some((form) => said(answer).includes(form) && !given.includes(form))
    },
  },
  {
    name: 'early-answer',
    severity: 'wrong',
    finding: 'answers 2xx before the body is there, so before it can have verified anything',
    isSeen: ({ answer }) => answer.isEarly && isTaken(answer),
  },
  {
    name: 'slow-answer',
    severity: 'risky',
    finding:
      'takes long to answer: answer first, work afterwards; a slow receiver goes to the slow lane',
    isSeen: ({ check, answer }, { slowMs }) =>
      check.expects === 'taken' && answer.status !== null && answer.ms > slowMs,
  },
  {
    name: 'no-answer',
    severity: 'risky',
    finding: 'does not answer some of what it should refuse',
    isSeen: ({ check, answer }) => check.expects === 'refused' && answer.status === null,
  },
  {
    name: 'fault-for-refusal',
    severity: 'minor',
    finding: 'answers with a fault of its own where it should refuse (400 or 401)',
    isSeen: ({ check, answer }) => check.expects === 'refused' && isFault(answer),
  },
  {
    name: 'endless-answer',
    severity: 'risky',
    finding: 'begins an answer and does not end it',
    isSeen: ({ answer }) => answer.status !== null && !answer.isEnded,
  },
  {
    name: 'leaks-stack',
    severity: 'minor',
    finding: 'shows where in its code it failed',
    isSeen: ({ answer }) => STACK.test(answer.text),
  },
]

const said = ({ text, headers }: Answer) => `${Object.values(headers).join('\n')}\n${text}`

/** What answers have in common, once each, with the checks on which it was seen. */
export function judgeCommon(exchanges: readonly Exchange[], limits: Limits): readonly Finding[] {
  return COMMON.flatMap(({ isSeen, ...common }) => {
    const seenOn = exchanges.filter((exchange) => isSeen(exchange, limits))
    const names = [...new Set(seenOn.map(({ check }) => check.name))]
    const [first] = seenOn
    if (first === undefined) return []
    const more = names.length > 1 ? ` and ${names.length - 1} more` : ''
    const { answer } = first
    return [{ ...common, seen: `${seenOf(answer)} in ${answer.ms} ms on ${names[0]}${more}` }]
  })
}
