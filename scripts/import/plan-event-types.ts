// What becomes of the event types. A type whose schema Hookline does not take is taken over without it: endpoints name the type.

import { EventTypeIn } from '../../src/dialects/svix/schema/event-type.ts'
import { schemaFlaws } from '../../src/engine/catalogue/check-schema.ts'
import { ListedEventType } from '../../src/engine/model/event-type.ts'
import { VersionName } from '../../src/engine/model/index.ts'
import { formatPath } from '../../src/errors.ts'
import { NAMES } from '../../src/limits.ts'
import { isRecord } from '../../src/primitives/is-record.ts'
import type { Write } from './api.ts'
import { changesOf, flawIn, type Item, leave, shorten } from './plan.ts'
import type { EventType } from './shapes.ts'

/** What a schema says of itself that is older than what Hookline takes. */
const EARLIER_DRAFT = /^https?:\/\/json-schema\.org\/draft-0[46]\/schema#?$/

interface TakenSchemas {
  readonly schemas: Readonly<Record<string, unknown>>
  readonly untaken: readonly string[]
}

/**
 * The schemas that Hookline takes. One of an earlier draft is read as 2020-12, without the line that says otherwise, if it is one by
 * Hookline's own check: where the drafts differ in what a keyword holds, that refuses it.
 */
function takeSchemas(schemas: EventType['schemas']): TakenSchemas {
  const taken: [string, unknown][] = []
  const untaken: string[] = []
  for (const [version, given] of Object.entries(schemas)) {
    const schema = withoutEarlierDraft(given)
    const [flaw] = schemaFlaws(schema)
    const nameFlaw = flawIn(VersionName, version)
    if (nameFlaw !== null) untaken.push(`its schema of version ${version}: ${nameFlaw}`)
    else if (flaw === undefined) taken.push([version, schema])
    else {
      const place = flaw.path.length > 0 ? `${formatPath(flaw.path)}: ` : ''
      untaken.push(`its schema of version ${version}: ${place}${flaw.message.replace(/\.$/, '')}`)
    }
  }
  return { schemas: Object.fromEntries(taken), untaken }
}

function withoutEarlierDraft(schema: unknown): unknown {
  if (!isRecord(schema) || !EARLIER_DRAFT.test(String(schema.$schema))) return schema
  const { $schema: _, ...rest } = schema
  return rest
}

const toBody = (
  { name: _, featureFlags, ...type }: EventType,
  schemas: TakenSchemas['schemas'],
) => ({ ...type, schemas, featureFlag: featureFlags[0] ?? null })

/** What becomes of each event type. */
export function planEventTypes(
  source: readonly EventType[],
  target: readonly EventType[],
): readonly Item[] {
  const known = new Map(target.map((type) => [type.name, type]))
  return source.map((type): Item => {
    const { name } = type
    const kind = 'event type'
    const { schemas, untaken } = takeSchemas(type.schemas)
    const description = shorten('description', type.description, NAMES.descriptionChars)
    const body = { ...toBody(type, schemas), description: description.text }
    const flaw = flawIn(EventTypeIn, { name, ...body }) ?? flawIn(ListedEventType, name)
    if (flaw !== null) return leave(kind, name, flaw)
    const others = type.featureFlags.slice(1).join(', ')
    const flags = others === '' ? [] : [`feature flags but the first: ${others} (one is kept)`]
    const current = known.get(name)
    const changes = current ? Object.keys(changesOf(body, toBody(current, current.schemas))) : []
    const action = !current ? 'create' : changes.length > 0 ? 'change' : 'same'
    const write: Write = { method: 'PUT', path: `/event-type/${encodeURIComponent(name)}`, body }
    return {
      ...{ kind, name, action, changes, untaken: [...description.untaken, ...untaken, ...flags] },
      writes: action === 'same' ? [] : [write],
    }
  })
}

/** The types that endpoints name and no catalogue lists: Hookline wants them listed. */
export function planUnlistedTypes(
  named: Iterable<string>,
  known: ReadonlySet<string>,
): readonly Item[] {
  const missing = [...new Set(named)].filter((name) => !known.has(name)).toSorted()
  const description = 'Named by an endpoint, and in no catalogue.'
  return planEventTypes(
    missing.map((name) => ({
      ...{ name, description, archived: false, deprecated: false },
      ...{ schemas: {}, featureFlags: [], groupName: null },
    })),
    [],
  )
}
