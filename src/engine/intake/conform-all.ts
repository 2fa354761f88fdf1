// What the catalogue says to all events of a request. In: drafts, and the catalogue; out: who is to get which of their data, or a
// refusal, and lines in the log. Next: publish.ts.

import { formatPath, type Issue } from '../../errors.ts'
import { CATALOGUE } from '../../limits.ts'
import { invalidInput } from '../../primitives/validate.ts'
import { RequestSteps } from '../catalogue/steps.ts'
import type { Catalogue, EventDraft } from '../model/index.ts'
import type { Ports, Settings } from '../ports/index.ts'
import { type ConformedDraft, conform, type Invalid, listed } from './conform.ts'

type ConformPorts = Pick<Ports, 'eventTypes' | 'log'> & {
  readonly settings: Pick<Settings, 'unlistedEventTypes'>
}

/** What is told of events that have the same flaw, by the first of them. */
interface Warning {
  readonly first: Invalid
  readonly events: number
}

/**
 * The drafts, with who is to get which of their data. Throws `invalid`, and nothing is published, where a type refuses data, or
 * is not listed and has to be; issues begin with the index of the event where there are several. A type that only warns has a line
 * in the log. All of a request take of the same `steps`, each its turn. Throws `unavailable` while the catalogue was never read.
 */
export async function conformAll(
  tenantId: string,
  drafts: readonly EventDraft[],
  { eventTypes, log, settings }: ConformPorts,
  steps: RequestSteps = new RequestSteps(drafts.length),
): Promise<readonly ConformedDraft[]> {
  const catalogue = await eventTypes.current(CATALOGUE.cacheMs)
  const issues: Issue[] = []
  const warnings = new Map<string, Warning>()
  const conformed: ConformedDraft[] = []
  for (const [index, draft] of drafts.entries()) {
    const pathOf = (path: Issue['path']) => (drafts.length === 1 ? path : [index, ...path])
    const own = steps.next()
    if (settings.unlistedEventTypes === 'forbid' && listed(draft.type, catalogue) === null) {
      const message = 'This type is not in the catalogue of event types.'
      issues.push({ path: pathOf(['type']), message })
      continue
    }
    const { draft: ranged, invalid } = await conform(draft, catalogue, own)
    const isEnforced = catalogue.types.get(draft.type)?.check === 'enforce'
    for (const flaw of invalid) {
      if (isEnforced) issues.push({ ...flaw.issue, path: pathOf(flaw.issue.path) })
      else warn(warnings, flaw)
    }
    conformed.push(invalid.length > 0 ? { ...ranged, invalid: true as const } : ranged)
  }
  if (issues.length > 0) throw invalidInput(issues)
  for (const warning of warnings.values()) log(toLine(tenantId, warning, catalogue))
  return conformed
}

function warn(warnings: Map<string, Warning>, flaw: Invalid): void {
  const { version, eventType, conversion } = flaw
  const key = `${version}\n${conversion?.from ?? ''}\n${eventType}`
  const { first, events } = warnings.get(key) ?? { first: flaw, events: 0 }
  warnings.set(key, { first, events: events + 1 })
}

function toLine(tenantId: string, { first, events }: Warning, { types }: Catalogue) {
  const { eventType, version, issue, conversion } = first
  const about = { tenantId, eventType, version, events }
  if (conversion !== undefined) {
    const { from, code } = conversion
    return { event: 'publish.not_converted', ...about, from, code } as const
  }
  const schema = types.get(eventType)?.schemas[version] ?? true
  const known = JSON.stringify({ data: 0, versions: 0, [version]: 0, schema })
  const path = formatPath(withoutForeignNames(issue.path, known))
  return { event: 'publish.invalid', ...about, path } as const
}

/** A path in which names that the schema does not have, which may be a payload's own, are stars. */
function withoutForeignNames(path: Issue['path'], schema: string): Issue['path'] {
  return path.map((part) =>
    typeof part === 'number' || schema.includes(`${JSON.stringify(part)}:`) ? part : '*',
  )
}
