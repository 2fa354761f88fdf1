// What a move does, from what Svix has and what Hookline has. Nothing here asks anybody or writes anything, and no secret comes into
// what is shown. What Hookline would refuse is found with the very schemas that its surface reads requests with.

import type { z } from 'zod'
import { ApplicationIn } from '../../src/dialects/svix/schema/application.ts'
import { NAMES } from '../../src/limits.ts'
import { toIssues } from '../../src/primitives/validate.ts'
import type { Write } from './api.ts'
import type { Application } from './shapes.ts'

export type Action =
  | 'create'
  | 'change'
  | 'same'
  /** Not taken over at all. */
  | 'leave'
  /** Only Hookline has it, and keeps it. */
  | 'extra'

/** One thing that Svix has, or Hookline alone, and what becomes of it. */
export interface Item {
  readonly kind: 'event type' | 'application' | 'endpoint'
  readonly name: string
  readonly action: Action
  /** Fields that change. */
  readonly changes: readonly string[]
  /** What of it is not taken over, and why: sentences without a point. */
  readonly untaken: readonly string[]
  /** In order. Paths are below the application's for an endpoint, else below `/api/v1`. */
  readonly writes: readonly Write[]
}

/** What Hookline alone has. */
export function keep(kind: Item['kind'], name: string): Item {
  return { kind, name, action: 'extra', changes: [], untaken: [], writes: [] }
}

/** What is not taken over, and why. */
export function leave(kind: Item['kind'], name: string, ...untaken: readonly string[]): Item {
  return { kind, name, action: 'leave', changes: [], untaken, writes: [] }
}

/** What is wrong with what Hookline would be sent; null where nothing is. */
export function flawIn(schema: z.ZodType, body: unknown): string | null {
  const result = schema.safeParse(body)
  if (result.success) return null
  return toIssues(result.error)
    .map(({ path, message }) => {
      const place = path.length > 0 ? `${path.join('.')}: ` : ''
      return `${place}${message.replace(/\.$/, '')}`
    })
    .join('; ')
}

/** A text for people that is too long here: its beginning, and the sentence about that. */
export function shorten(
  what: string,
  text: string,
  mostChars: number,
): { readonly text: string; readonly untaken: readonly string[] } {
  if (text.length <= mostChars) return { text, untaken: [] }
  // Not half a surrogate pair.
  const begin = text.slice(0, mostChars).replace(/[\uD800-\uDBFF]$/, '')
  return { text: begin, untaken: [`its ${what} beyond ${mostChars} characters`] }
}

/** Whether two values are the same JSON, in whichever order their members are. */
export function isSame(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other)
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

/** The members of `wanted` that `current` has otherwise. */
export function changesOf(
  wanted: Readonly<Record<string, unknown>>,
  current: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => !isSame(value, current[name])),
  )
}

/** What Hookline calls what Svix has: its `uid`, or else its id there, which programs may hold. */
export const uidFor = ({ uid, id }: { readonly uid: string | null; readonly id: string }) =>
  uid ?? id

/**
 * What Hookline has of what Svix has: what is called so, or was called by its id when it had no `uid` yet. No two are taken for
 * the same one: the second gets null.
 */
export function matchByUid<Item extends { readonly uid: string | null; readonly id: string }>(
  source: readonly Item[],
  target: readonly Item[],
): ReadonlyMap<Item, { readonly current: Item | undefined } | null> {
  const byUid = new Map(target.flatMap((one) => (one.uid === null ? [] : [[one.uid, one]])))
  const claimed = new Set<string>()
  // What has a uid of its own first: an id that somebody else uses as a uid is his.
  const ordered = source.toSorted((a, b) => Number(a.uid === null) - Number(b.uid === null))
  return new Map(
    ordered.map((one) => {
      const wanted = uidFor(one)
      const current = byUid.get(wanted) ?? byUid.get(one.id)
      const names = [wanted, ...(current ? [uidFor(current)] : [])]
      if (names.some((name) => claimed.has(name))) return [one, null]
      for (const name of names) claimed.add(name)
      return [one, { current }]
    }),
  )
}

/** An application of Svix, what becomes of it, and its id at Hookline: null where it has to be made, or cannot be. */
export interface ApplicationPlan {
  readonly application: Application
  readonly item: Item
  readonly targetId: string | null
}

/** What becomes of each application. */
export function planApplications(
  source: readonly Application[],
  target: readonly Application[],
): readonly ApplicationPlan[] {
  const matches = matchByUid(source, target)
  return source.map((application): ApplicationPlan => {
    const name = uidFor(application)
    const left = (flaw: string): ApplicationPlan => {
      const item = leave('application', name, `${flaw}; its endpoints are not taken over either`)
      return { application, item, targetId: null }
    }
    const match = matches.get(application) ?? null
    if (match === null) return left(`another application has the uid ${name}`)
    const label = shorten('name', application.name, NAMES.chars)
    const body = { name: label.text, uid: name, metadata: application.metadata }
    const flaw = flawIn(ApplicationIn, body)
    if (flaw !== null) return left(flaw)
    const { throttleRate } = application
    const untaken = [...label.untaken, ...(throttleRate === null ? [] : [throttled(throttleRate)])]
    const item = { kind: 'application', name, untaken } as const
    const { current } = match
    if (!current) {
      const write: Write = { method: 'POST', path: '/app', body }
      return {
        ...{ application, targetId: null },
        item: { ...item, action: 'create', changes: [], writes: [write] },
      }
    }
    const changed = changesOf(body, current)
    const changes = Object.keys(changed)
    const write: Write = { method: 'PATCH', path: `/app/${current.id}`, body: changed }
    return {
      ...{ application, targetId: current.id },
      item:
        changes.length === 0
          ? { ...item, action: 'same', changes, writes: [] }
          : { ...item, action: 'change', changes, writes: [write] },
    }
  })
}

/** The applications that only Hookline has. */
export function extraApplications(
  plans: readonly ApplicationPlan[],
  target: readonly Application[],
): readonly Item[] {
  const planned = new Set(plans.flatMap(({ targetId, item }) => [targetId, item.name]))
  return target
    .filter((application) => !planned.has(application.id) && !planned.has(uidFor(application)))
    .map((application) => keep('application', uidFor(application)))
}

/** The sentence about a limit that Hookline does not have. */
function throttled(rate: number): string {
  return `throttleRate ${rate}: Hookline sends without such a limit`
}
