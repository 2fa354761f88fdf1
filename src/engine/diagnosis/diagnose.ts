// Why an attempt failed, and what to do about it. In: what an attempt keeps; out: a cause, in words for its owner. Asked whenever an
// attempt is shown, so that what was kept by an earlier version is told by the rules of today.

import type { Attempt } from '../model/index.ts'
import { CAUSES, type Cause } from './causes.ts'
import { redirectKindOf } from './redirect.ts'
import { RULES, type Rule } from './rules.ts'

export interface Diagnosis {
  readonly cause: Cause
  /** What happened, and what to do about it, each in a sentence or more. */
  readonly explanation: string
  readonly remedy: string
  /** The URL that the webhook can have instead; null where none is known. */
  readonly useUrl: string | null
  /** A page that tells of this cause; null of an unknown one, and where it is Hookline's own. */
  readonly source: string | null
}

type Diagnosed = Pick<
  Attempt,
  'outcome' | 'statusCode' | 'error' | 'responseExcerpt' | 'responseFacts'
>

export const ALL_CAUSES = Object.keys(CAUSES) as [Cause, ...Cause[]]

/** The diagnosis of a failed attempt; null of one that was delivered. */
export function diagnose(attempt: Diagnosed): Diagnosis | null {
  if (attempt.outcome === 'delivered') return null
  const rule = findRule(attempt)
  const cause = rule?.cause ?? 'unknown'
  const details = detailsOf(attempt, rule)
  const { explanation, remedy } = CAUSES[cause]
  return {
    cause,
    explanation: (rule?.isLikely ? 'Most likely: ' : '') + write(explanation, details),
    remedy: write(remedy, details),
    useUrl: cause === 'redirect_to_url' ? (details.url ?? null) : null,
    source: rule?.source.startsWith('https:') ? rule.source : null,
  }
}

/** What is said of a cause in Hookline's own words alone: nothing of it is what a receiver wrote. Either may be empty. */
export function describeCause(
  cause: Cause,
  statusCode: number | null,
): Pick<Diagnosis, 'explanation' | 'remedy'> {
  const details = { status: statusCode === null ? undefined : String(statusCode) }
  const { explanation, remedy } = CAUSES[cause]
  return { explanation: write(explanation, details), remedy: write(remedy, details) }
}

/** The rule that decides; undefined where none holds. */
export function findRule(attempt: Diagnosed): Rule | undefined {
  return RULES.find((rule) => holds(rule, attempt))
}

function holds(
  rule: Rule,
  { statusCode, error, responseExcerpt, responseFacts }: Diagnosed,
): boolean {
  const { headers = {}, redirect, sentCredentials = false } = responseFacts ?? {}
  const body = responseExcerpt ?? ''
  const hasHeaders = Object.entries(rule.headers ?? {}).every(([name, pattern]) =>
    pattern.test(headers[name as keyof typeof headers] ?? ''),
  )
  return (
    hasHeaders &&
    (rule.error === undefined || (statusCode === null && rule.error.test(error ?? ''))) &&
    (rule.statuses === undefined || (statusCode !== null && rule.statuses.includes(statusCode))) &&
    (rule.body === undefined || rule.body.test(body)) &&
    (rule.bodyLacks === undefined || !rule.bodyLacks.test(body)) &&
    (rule.redirect === undefined ||
      (redirect !== undefined && redirectKindOf(redirect.from, redirect.to) === rule.redirect)) &&
    (rule.sentCredentials === undefined || rule.sentCredentials === sentCredentials)
  )
}

/** What sentences may name. Whatever the receiver wrote is of a form that can harm nobody who reads it, or left out. */
type Details = Readonly<Record<string, string | undefined>>

function detailsOf({ statusCode, responseFacts }: Diagnosed, rule: Rule | undefined): Details {
  const { headers = {}, redirect } = responseFacts ?? {}
  const matching = (value: string | undefined, form: RegExp) =>
    value !== undefined && form.test(value) ? value : undefined
  return {
    by: rule?.by,
    status: statusCode === null ? undefined : String(statusCode),
    url: matching(redirect?.to, /^https?:\/\/[!#-;=?-_a-~]{1,500}$/),
    allow: matching(headers.allow, /^[A-Z]{1,10}(?:, ?[A-Z]{1,10}){0,9}$/),
    scheme: matching(headers['www-authenticate'], /^[A-Za-z][\w-]{0,19}$/),
    seconds: matching(headers['retry-after'], /^\d{1,6}$/),
  }
}

const DETAIL = /\{(\w+)\}/g

/** The sentences of which all details are known, one after the other. */
function write(sentences: readonly string[], details: Details): string {
  return sentences
    .filter((sentence) =>
      [...sentence.matchAll(DETAIL)].every(([, name = '']) => details[name] !== undefined),
    )
    .map((sentence) => sentence.replace(DETAIL, (_, name: string) => details[name] ?? ''))
    .join(' ')
}
