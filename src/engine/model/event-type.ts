// Names of events, and the patterns by which webhooks choose among them: what is legal, what covers what. Whoever asks
// about either asks here, since a pattern that is legal must also be found and matched.

import { z } from 'zod'
import { PUBLISH, WEBHOOK } from '../../limits.ts'
import { isSystemEventType } from './event.ts'

const CHARACTER = '[A-Za-z0-9._-]'

/** What comes behind the name that a prefix stands for: `invoice.*` is for `invoice.paid`. */
const ANY_END = '.*'
const ANY = '*'

/** The name of an event. */
export const EventType = z
  .string()
  .min(1)
  .max(PUBLISH.typeChars)
  .regex(new RegExp(`^${CHARACTER}*$`), 'May contain only A-Z, a-z, 0-9, ".", "_" and "-".')

/** The name of a type that the catalogue may list. `.` and `..` are none: in the path of a URL they stand for other paths. */
export const ListedEventType = EventType.regex(
  /^(?!\.{1,2}$)/,
  'May not be "." or "..": no path leads to them.',
).refine((type) => !isSystemEventType(type), {
  error: 'This type is reserved for events that Hookline itself publishes.',
})

/** What is wrong with a name that a listed event type is to have; null for nothing. */
export function eventTypeNameFlaw(name: string): string | null {
  return ListedEventType.safeParse(name).error?.issues[0]?.message ?? null
}

/** An exact type, `*`, or a prefix such as `invoice.*`. */
export const EventTypePattern = z
  .string()
  .max(PUBLISH.typeChars)
  .regex(
    new RegExp(`^(?:\\*|${CHARACTER}+|${CHARACTER}+\\.\\*)$`),
    'Expected an event type, "*", or a prefix such as "invoice.*".',
  )
  .refine(
    (pattern) => !pattern.endsWith(ANY_END) || pattern.split('.').length <= WEBHOOK.prefixParts + 1,
    { error: `A prefix may have at most ${WEBHOOK.prefixParts} parts.` },
  )

/**
 * Whether a pattern covers a type: exactly, `*`, or a prefix such as `invoice.*`. Hookline's own events must be named
 * (docs/contracts/delivery.md, "System events"): whoever wants everything means what was published.
 */
export function typeMatches(pattern: string, type: string): boolean {
  if (pattern === type) return true
  if (pattern === ANY) return !isSystemEventType(type)
  return pattern.endsWith(ANY_END) && type.startsWith(pattern.slice(0, -1))
}

/**
 * Every pattern that may cover a type: `a.b.c` is wanted as `a.b.c`, `*`, `a.*` and `a.b.*`. No webhook has a longer
 * prefix than `WEBHOOK.prefixParts`, so that a type of 256 dots has no more patterns than that. `*` is for none of Hookline's own.
 */
export function patternsFor(type: string): readonly string[] {
  const parts = type.split('.')
  return [
    type,
    ...(isSystemEventType(type) ? [] : [ANY]),
    ...parts
      .slice(1, WEBHOOK.prefixParts + 1)
      .map((_, index) => `${parts.slice(0, index + 1).join('.')}${ANY_END}`),
  ]
}
