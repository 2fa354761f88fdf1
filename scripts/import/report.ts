// What a run tells: to people a summary and what they have to see, to programs all of it. Neither has a secret, a URL or a header's
// value in it.

import type { Done } from './move.ts'
import type { Action, Item } from './plan.ts'
import { asOneLine, withoutTokens } from './printed.ts'

export interface Report {
  readonly isApplied: boolean
  readonly items: readonly Done[]
  /** What Svix has beside those: sentences. */
  readonly others: readonly string[]
  /** Why the run broke off; null when it did not. */
  readonly failure: string | null
}

/** The same report without these tokens in it, whoever wrote them there. */
export function struck(report: Report, tokens: readonly string[]): Report {
  const strike = (text: string) => withoutTokens(text, tokens)
  const { items, others, failure } = report
  return {
    ...report,
    items: items.map((item) => ({
      ...item,
      name: strike(item.name),
      changes: item.changes.map(strike),
      untaken: item.untaken.map(strike),
      refusal: item.refusal === null ? null : strike(item.refusal),
    })),
    others: others.map(strike),
    failure: failure === null ? null : strike(failure),
  }
}

/** What no run takes over, and no answer of Svix's API shows. */
export const NEVER_TAKEN = [
  'messages, attempts, and what Svix is still retrying: it goes on with those, so leave it running until they are done',
  'former secrets that still sign within the grace period of a rotation: move a day after it, or have the receiver know the new one first',
  'OAuth, mTLS and signature schemes of endpoints, polling endpoints, streams, connectors, ingest',
  'environment settings, retry schedules, portal sessions and API tokens',
] as const

/** Lines shown of what is in order; what is not taken over is shown whole. */
const SHOWN_LINES = 200

const KINDS = ['event type', 'application', 'endpoint'] as const satisfies Item['kind'][]
const ACTIONS = ['create', 'change', 'same', 'leave', 'extra'] as const satisfies Action[]

/** Words for an action, as a plan and as a fact. */
const WORDS = {
  create: ['create', 'created'],
  change: ['change', 'changed'],
  same: ['same', 'same'],
  leave: ['not taken over', 'not taken over'],
  extra: ['only at Hookline', 'only at Hookline'],
} as const satisfies Record<Action, readonly [string, string]>

/** What became of it: what Hookline refused was not taken over. */
const fateOf = ({ action, refusal }: Done): Action => (refusal === null ? action : 'leave')

/** Whether the report names anything that is not taken over. */
export function isLacking({ items, others }: Report): boolean {
  const isWhole = (item: Done) => fateOf(item) !== 'leave' && item.untaken.length === 0
  return others.length > 0 || !items.every(isWhole)
}

function countsOf({ items }: Report): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) {
    const name = `${item.kind}/${fateOf(item)}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

/** The report as JSON: `counts` by kind and action, every item but what is the same, and what is never taken over. */
export function toJson(report: Report): string {
  const counts = countsOf(report)
  const byAction = (kind: string) =>
    Object.fromEntries(ACTIONS.map((action) => [action, counts.get(`${kind}/${action}`) ?? 0]))
  const { isApplied, failure, others } = report
  return JSON.stringify(
    {
      mode: isApplied ? 'apply' : 'dry-run',
      failure,
      counts: Object.fromEntries(KINDS.map((kind) => [kind, byAction(kind)])),
      items: inOrder(report)
        .filter((item) => fateOf(item) !== 'same' || item.untaken.length > 0)
        .map((item) => {
          const { kind, name, changes, untaken, refusal } = item
          return { kind, name, action: fateOf(item), changes, untaken, refusal }
        }),
      others,
      neverTaken: NEVER_TAKEN,
    },
    null,
    2,
  )
}

/** The report as lines of text, in which names that others gave are no lines of their own. */
export function toText(report: Report): string {
  const { isApplied, others, failure } = report
  const counts = countsOf(report)
  const word = (action: Action) => WORDS[action][isApplied ? 1 : 0]
  const summary = KINDS.map((kind) => {
    const parts = ACTIONS.flatMap((action) => {
      const count = counts.get(`${kind}/${action}`) ?? 0
      return count === 0 ? [] : [`${count} ${word(action)}`]
    })
    return `  ${`${kind}s`.padEnd(14)}${parts.join(', ') || 'none'}`
  })
  const items = inOrder(report)
  const writes = items.filter((item) => ['create', 'change'].includes(fateOf(item)))
  const lines = writes.map((item) => {
    const changes = item.changes.length > 0 ? `: ${item.changes.join(', ')}` : ''
    return `  ${word(item.action).padEnd(8)} ${item.kind} ${item.name}${changes}`
  })
  const untaken = items.flatMap(({ kind, name, untaken: reasons, refusal }) =>
    [...reasons, ...(refusal === null ? [] : [refusal])].map((why) => `  ${kind} ${name}: ${why}`),
  )
  const extras = items.filter(({ action }) => action === 'extra')
  return [
    headline(report),
    ...summary,
    ...section(isApplied ? 'Written' : 'To be written', shortened(lines)),
    ...section('Not taken over', [...untaken, ...others.map((other) => `  ${other}`)]),
    ...section(
      'Only at Hookline, and left as they are',
      shortened(extras.map(({ kind, name }) => `  ${kind} ${name}`)),
    ),
    ...section(
      'Never taken over, and not to be seen in the API of Svix',
      NEVER_TAKEN.map((one) => `  ${one}`),
    ),
    ...(failure === null ? [] : ['', `Broke off: ${failure}.`]),
  ]
    .map(asOneLine)
    .join('\n')
}

function headline({ isApplied, failure }: Report): string {
  if (failure !== null) {
    return isApplied
      ? 'Applied until it broke off. Repeat it: it goes on from here.'
      : 'Dry run, until it broke off: nothing was written.'
  }
  return isApplied ? 'Applied.' : 'Dry run: nothing was written. Repeat it with --apply to do this.'
}

/** The first of very many lines. */
function shortened(lines: readonly string[]): readonly string[] {
  const more = lines.length - SHOWN_LINES
  if (more <= 0) return lines
  return [...lines.slice(0, SHOWN_LINES), `  and ${more} more, which --json names`]
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', `${title}:`, ...lines]

/** By kind, then by name: applications are read several at a time. */
function inOrder({ items }: Report): readonly Done[] {
  return items.toSorted(
    (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (a.name < b.name ? -1 : 1),
  )
}
