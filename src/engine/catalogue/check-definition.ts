// What is wrong with a definition before it is saved, beyond its form, and what saving it breaks.

import type { Issue } from '../../errors.ts'
import { CATALOGUE } from '../../limits.ts'
import { CONVERSIONS } from '../expressions/bounds.ts'
import { compileExpression, describeFlaw, describeSecret } from '../expressions/compile.ts'
import {
  type Conversion,
  type EventTypeDefinition,
  type EventTypeDraft,
  type VersionBreak,
  versionsOf,
} from '../model/index.ts'
import { assignData } from './assign-data.ts'
import { breaksOf } from './breaks.ts'
import { schemaFlaws } from './check-schema.ts'
import { validConversions } from './convert.ts'
import { evaluate } from './evaluate.ts'
import type { EventSteps, Steps } from './steps.ts'

/**
 * Every flaw of the schemas and conversions of a definition, and of its examples: under the newest schema, and as conversions make other
 * versions of them. An example says what data is like, so that a conversion that fails on one would fail on events.
 */
export async function definitionFlaws(
  draft: EventTypeDraft,
  steps: EventSteps,
): Promise<readonly Issue[]> {
  const { schemas } = draft
  const flaws = [
    ...Object.entries(schemas).flatMap(([version, schema]) =>
      schemaFlaws(schema, ['schemas', version]),
    ),
    ...conversionFlaws(draft),
  ]
  if (flaws.length > 0) return flaws
  const ofExamples = exampleFlaws(draft, steps.checking)
  return ofExamples.length > 0 ? ofExamples : unconverted(draft, steps)
}

function conversionFlaws({ schemas, conversions }: EventTypeDraft): readonly Issue[] {
  const chars = conversions.reduce((sum, { expression }) => sum + expression.length, 0)
  if (chars > CONVERSIONS.chars) {
    const message = `Conversions may have at most ${CONVERSIONS.chars} characters together.`
    return [{ path: ['conversions'], message }]
  }
  return conversions.flatMap(({ from, to, expression }, index): readonly Issue[] => {
    const path = ['conversions', index]
    const unknown = Object.entries({ from, to }).filter(([, end]) => !Object.hasOwn(schemas, end))
    if (unknown.length > 0) {
      const message = 'The event type has no schema of this version.'
      return unknown.map(([end]) => ({ path: [...path, end], message }))
    }
    if (from === to) return [{ path: [...path, 'to'], message: 'Expected another version.' }]
    const isTwice = conversions.findIndex((each) => each.from === from && each.to === to) < index
    if (isTwice) return [{ path, message: `There is another conversion of ${from} to ${to}.` }]
    const flaw = expressionFlaw(expression)
    return flaw === null ? [] : [{ path: [...path, 'expression'], message: flaw }]
  })
}

/** What is wrong with an expression, with its place; null for nothing. */
function expressionFlaw(expression: string): string | null {
  const compiled = compileExpression(expression)
  if (compiled.kind === 'flawed') return describeFlaw(compiled.flaw)
  return describeSecret(compiled, 'a conversion')
}

/** Examples of which conversions do not make valid data. */
async function unconverted(
  { schemas, conversions, examples }: EventTypeDraft,
  { checking, converting }: EventSteps,
): Promise<readonly Issue[]> {
  const version = versionsOf({ schemas }).at(-1)
  if (version === undefined || conversions.length === 0) return []
  const issues: Issue[] = []
  for (const [index, example] of examples.entries()) {
    const steps = {
      checking: checking.share(CATALOGUE.eventSteps),
      converting: converting.share(CONVERSIONS.eventSteps),
    }
    const published = [{ version, data: JSON.stringify(example) }]
    const means = validConversions(schemas, steps)
    const { failed } = await assignData({ schemas, conversions }, published, means)
    for (const { from, to, reason } of failed) {
      const at = conversions.findIndex((each) => each.from === from && each.to === to)
      const message = `It fails on example ${index}: ${reason}`
      issues.push({ path: ['conversions', at, 'expression'], message })
    }
  }
  return issues
}

function exampleFlaws({ schemas, examples }: EventTypeDraft, steps: Steps): readonly Issue[] {
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

/**
 * Breaks of a change of a type: of versions that stay, of those that are removed, of new ones against the one before, and of conversions
 * to versions that stay.
 */
export function breaksOfChange(
  before: Pick<EventTypeDefinition, 'schemas' | 'conversions'> | null,
  after: Pick<EventTypeDefinition, 'schemas' | 'conversions'>,
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
    ...conversionBreaks(before?.conversions ?? [], after),
  ]
}

/**
 * Where a conversion is gone, events that had data of its version have none any more, or that of another version as it is; and what another
 * expression makes of them nobody can tell. One that is new gives data to a version for which nobody publishes any, so it is none.
 */
function conversionBreaks(
  former: readonly Conversion[],
  { schemas, conversions }: Pick<EventTypeDefinition, 'schemas' | 'conversions'>,
): readonly VersionBreak[] {
  return former.flatMap(({ from, to, expression }): readonly VersionBreak[] => {
    if (!Object.hasOwn(schemas, to)) return []
    const now = conversions.find((each) => each.from === from && each.to === to)
    if (now?.expression === expression) return []
    const kind = now === undefined ? 'conversion_removed' : 'conversion_changed'
    return [{ kind, path: `#/conversions/${from}/${to}`, from: to, to }]
  })
}

/** Whether a break is of a version that webhooks may be pinned to already, and not of a new one. */
export function isOfPublishedVersion({ from, to }: VersionBreak): boolean {
  return from === to || to === null
}
