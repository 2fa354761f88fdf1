// What is wrong with a definition before it is saved, beyond its form, and what saving it breaks.

import type { Issue } from '../../errors.ts'
import { CATALOGUE } from '../../limits.ts'
import {
  type EventTypeDefinition,
  type EventTypeDraft,
  type VersionBreak,
  versionsOf,
} from '../model/index.ts'
import { breaksOf } from './breaks.ts'
import { schemaFlaws } from './check-schema.ts'
import { evaluate } from './evaluate.ts'
import type { Steps } from './steps.ts'

/** Every flaw of the schemas of a definition, and of its examples under the newest one, which are checked within `steps`. */
export function definitionFlaws(
  { schemas, examples }: EventTypeDraft,
  steps: Steps,
): readonly Issue[] {
  const flaws = Object.entries(schemas).flatMap(([version, schema]) =>
    schemaFlaws(schema, ['schemas', version]),
  )
  if (flaws.length > 0) return flaws
  if (JSON.stringify(examples).length > CATALOGUE.exampleChars) {
    const message = `Examples may have at most ${CATALOGUE.exampleChars} characters together.`
    return [{ path: ['examples'], message }]
  }
  const newest = versionsOf({ schemas }).at(-1)
  const schema = newest === undefined ? true : (schemas[newest] ?? true)
  return examples.flatMap((example, index) => {
    const evaluated = evaluate(schema, example, steps.share(CATALOGUE.eventSteps))
    if (evaluated === 'valid') return []
    const path = ['examples', index]
    if (evaluated === 'too_complex') return [{ path, message: 'Too complex to be checked.' }]
    return [{ path: [...path, ...evaluated.path], message: evaluated.message }]
  })
}

/** Breaks of a change of a type: of versions that stay, of those that are removed, and of new ones against the one before. */
export function breaksOfChange(
  before: Pick<EventTypeDefinition, 'schemas'> | null,
  after: Pick<EventTypeDefinition, 'schemas'>,
): readonly VersionBreak[] {
  const former = before?.schemas ?? {}
  const removed = versionsOf({ schemas: former }).filter(
    (version) => !Object.hasOwn(after.schemas, version),
  )
  const versions = versionsOf(after)
  return [
    ...removed.map(
      (from): VersionBreak => ({ kind: 'version_removed', path: '#', from, to: null }),
    ),
    ...versions.flatMap((version, index): readonly VersionBreak[] => {
      const schema = after.schemas[version] ?? true
      const from = Object.hasOwn(former, version) ? version : versions[index - 1]
      if (from === undefined) return []
      const base = from === version ? former[version] : after.schemas[from]
      return breaksOf(base ?? true, schema).map((each) => ({ ...each, from, to: version }))
    }),
  ]
}

/** Whether a break is of a version that webhooks may be pinned to already, and not of a new one. */
export function isOfPublishedVersion({ from, to }: VersionBreak): boolean {
  return from === to || to === null
}
