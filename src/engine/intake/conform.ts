// What the catalogue says to events that are handed in. In: drafts, and the catalogue; out: who is to get which of their data, and
// what is wrong with it. Next: publish.ts.

import { formatPath, type Issue } from '../../errors.ts'
import { CATALOGUE } from '../../limits.ts'
import { invalidInput } from '../../primitives/validate.ts'
import { evaluate } from '../catalogue/evaluate.ts'
import { RequestSteps, type Steps } from '../catalogue/steps.ts'
import {
  type Catalogue,
  type DataRange,
  type EventDraft,
  type EventTypeDefinition,
  type Json,
  type JsonSchema,
  type VersionData,
  versionsOf,
} from '../model/index.ts'
import type { Ports, Settings } from '../ports/index.ts'

/** A draft, and who gets which of its data. */
export interface ConformedDraft extends EventDraft {
  /** As the event has them: `Event.versions`. */
  readonly ranges?: readonly DataRange[]
  /** As the event has it: `Event.invalid`. */
  readonly invalid?: true
}

/** Data that is not valid under the schema of its version. */
interface Invalid {
  readonly eventType: string
  readonly version: string
  /** Within the event: `data`, or `versions` and the version, and where in it. */
  readonly issue: Issue
}

interface Conformed {
  readonly draft: ConformedDraft
  readonly invalid: readonly Invalid[]
}

/**
 * Lists, checks and schemas count as they are in `catalogue`; an archived type is not listed. Checking the event takes its share of
 * `steps`.
 */
export function conform(draft: EventDraft, catalogue: Catalogue, steps: Steps): Conformed {
  const definition = listed(draft.type, catalogue)
  if (definition === null) return { draft: withRanges(draft, given(draft)), invalid: [] }
  const parsed = new Map<string, Json>()
  const own = steps.share(CATALOGUE.eventSteps)
  let isTooComplex = false
  const check = (data: string, schema: JsonSchema) => {
    const evaluated = evaluate(schema, parsedOnce(parsed, data), own)
    isTooComplex ||= evaluated === 'too_complex'
    return evaluated
  }
  const invalid = flaws(draft, definition, check)
  const ranges = toRanges(draft, definition, (data, schema) => check(data, schema) === 'valid')
  const unknown = isTooComplex && invalid.length === 0 ? tooComplex(draft, definition) : []
  return {
    draft: withRanges(draft, ranges),
    invalid: definition.check === 'off' ? [] : [...invalid, ...unknown],
  }
}

const TOO_COMPLEX = 'The data is too complex to be checked.'

/** It is not told for whom of the other versions the data is, and so not said that it is for nobody. */
function tooComplex(draft: EventDraft, definition: EventTypeDefinition): readonly Invalid[] {
  const [published] = publishedOf(draft, definition)
  if (published === undefined) return []
  const { version, path } = published
  return [{ eventType: draft.type, version, issue: { path, message: TOO_COMPLEX } }]
}

/** The data of an event with its versions, and where it stands; `data` alone is of the newest version. */
function publishedOf(draft: EventDraft, definition: EventTypeDefinition) {
  const newest = versionsOf(definition).at(-1)
  if (newest === undefined) return []
  if (draft.versions === undefined) return [{ version: newest, data: draft.data, path: ['data'] }]
  return draft.versions.map((each) => ({ ...each, path: ['versions', each.version] }))
}

function listed(type: string, { types }: Catalogue): EventTypeDefinition | null {
  const found = types.get(type)
  return found === undefined || found.archived ? null : found
}

/** Ranges of data that nothing is known of but the names of its versions. */
function given({ versions = [] }: EventDraft): readonly DataRange[] {
  return versions.toReversed().map(({ version, data }) => ({ from: version, version, data }))
}

/**
 * Who gets which data of a type with schemas. What was published under a version is for webhooks pinned to it and, as far as it is
 * valid under them too, for those pinned to later versions of the catalogue for which nothing was published; the oldest, for those
 * pinned to earlier versions, too. `data` alone was published under the newest version. So data that was published once serves
 * every version that it does not break.
 */
function toRanges(
  draft: EventDraft,
  definition: EventTypeDefinition,
  isValid: (data: string, schema: JsonSchema) => boolean,
): readonly DataRange[] {
  const known = versionsOf(definition)
  const newest = known.at(-1)
  if (newest === undefined) return given(draft)
  const published: readonly VersionData[] = draft.versions?.toReversed() ?? [
    { version: newest, data: draft.data },
  ]
  const isFit = (version: string, { data }: VersionData) => {
    const schema = definition.schemas[version]
    return schema === undefined || isValid(data, schema)
  }
  const ranges: DataRange[] = []
  const [oldest = newest] = known
  for (const [index, each] of published.entries()) {
    const until = published[index + 1]?.version
    const from = index > 0 ? each.version : startOf(each)
    if (index === 0 && from > oldest) ranges.push({ from: oldest, version: null, data: null })
    ranges.push({ from, version: each.version, data: each.data })
    const later = known.filter(
      (version) => version > each.version && (until === undefined || version < until),
    )
    const unfit = later.find((version) => !isFit(version, each))
    if (unfit !== undefined) ranges.push({ from: unfit, version: null, data: null })
  }
  return ranges

  function startOf(each: VersionData): string {
    const earlier = known.filter((version) => version < each.version).toReversed()
    const unfit = earlier.findIndex((version) => !isFit(version, each))
    return (unfit === -1 ? earlier : earlier.slice(0, unfit)).at(-1) ?? each.version
  }
}

/** `data` that is for everybody needs no range, and the data of the newest range is not stored twice. */
function withRanges(draft: EventDraft, ranges: readonly DataRange[]): ConformedDraft {
  const isAlone = draft.versions === undefined
  if (ranges.length === 0 || (isAlone && ranges.length === 1)) return draft
  const newest = ranges.findLastIndex(({ data }) => data !== null)
  return {
    ...draft,
    ranges: ranges.map(({ from, version, data }, index) => ({
      from,
      version: isAlone ? null : version,
      ...(index === newest ? {} : { data }),
    })),
  }
}

function flaws(
  draft: EventDraft,
  definition: EventTypeDefinition,
  check: (data: string, schema: JsonSchema) => ReturnType<typeof evaluate>,
): readonly Invalid[] {
  return publishedOf(draft, definition).flatMap(({ version, data, path }): readonly Invalid[] => {
    const schema = definition.schemas[version]
    const found = (issue: Issue) => [{ eventType: draft.type, version, issue }]
    if (schema === undefined) {
      return found({ path, message: 'The event type does not have this version.' })
    }
    const evaluated = definition.check === 'off' ? 'valid' : check(data, schema)
    if (evaluated === 'valid') return []
    if (evaluated === 'too_complex') return found({ path, message: TOO_COMPLEX })
    return found({ path: [...path, ...evaluated.path], message: evaluated.message })
  })
}

/** For looking only: what is sent is the text. */
function parsedOnce(parsed: Map<string, Json>, text: string): Json {
  const known = parsed.get(text)
  if (known !== undefined) return known
  const value: Json = JSON.parse(text)
  parsed.set(text, value)
  return value
}

type ConformPorts = Pick<Ports, 'eventTypes' | 'log'> & {
  readonly settings: Pick<Settings, 'unlistedEventTypes'>
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
  const warnings = new Map<string, { readonly first: Invalid; events: number }>()
  const conformed = drafts.map((draft, index) => {
    const pathOf = (path: Issue['path']) => (drafts.length === 1 ? path : [index, ...path])
    const own = steps.next()
    if (settings.unlistedEventTypes === 'forbid' && listed(draft.type, catalogue) === null) {
      const message = 'This type is not in the catalogue of event types.'
      issues.push({ path: pathOf(['type']), message })
      return draft
    }
    const { draft: ranged, invalid } = conform(draft, catalogue, own)
    const isEnforced = catalogue.types.get(draft.type)?.check === 'enforce'
    for (const flaw of invalid) {
      if (isEnforced) issues.push({ ...flaw.issue, path: pathOf(flaw.issue.path) })
      else {
        const key = `${flaw.version}\n${flaw.eventType}`
        const warning = warnings.get(key) ?? { first: flaw, events: 0 }
        warnings.set(key, { ...warning, events: warning.events + 1 })
      }
    }
    return invalid.length > 0 ? { ...ranged, invalid: true as const } : ranged
  })
  if (issues.length > 0) throw invalidInput(issues)
  for (const { first, events } of warnings.values()) {
    const { eventType, version, issue } = first
    const schema = catalogue.types.get(eventType)?.schemas[version] ?? true
    const path = formatPath(
      withoutForeignNames(
        issue.path,
        JSON.stringify({ data: 0, versions: 0, [version]: 0, schema }),
      ),
    )
    log({ event: 'publish.invalid', tenantId, eventType, version, events, path })
  }
  return conformed
}

/** A path in which names that the schema does not have, which may be a payload's own, are stars. */
function withoutForeignNames(path: Issue['path'], schema: string): Issue['path'] {
  return path.map((part) =>
    typeof part === 'number' || schema.includes(`${JSON.stringify(part)}:`) ? part : '*',
  )
}
