// Which example of a type a test of a webhook sends.

import { invalid } from '../../errors.ts'
import { CATALOGUE } from '../../limits.ts'
import { assignData } from '../catalogue/assign-data.ts'
import { validConversions } from '../catalogue/convert.ts'
import { evaluate } from '../catalogue/evaluate.ts'
import { makeExample } from '../catalogue/make-example.ts'
import { type EventSteps, Steps } from '../catalogue/steps.ts'
import { CONVERSIONS } from '../expressions/bounds.ts'
import {
  type EventTypeDefinition,
  type Json,
  type JsonSchema,
  newestNotAfter,
  pinOf,
  versionsOf,
  type Webhook,
} from '../model/index.ts'
import type { Ports } from '../ports/index.ts'

/**
 * An example of a type that is data of the version that a webhook gets, as JSON text: the one at `index` among those that are, or of which
 * conversions make some, or one
 * made up from the schema where none is; null where nothing is known of the type's data. Examples are of the newest version. Throws
 * `invalid` where none could be made, or there are fewer.
 */
export async function exampleOf(
  { type, index = 0 }: { readonly type: string | null; readonly index?: number },
  webhook: Pick<Webhook, 'pins'>,
  { eventTypes }: Pick<Ports, 'eventTypes'>,
): Promise<string | null> {
  if (type === null) return null
  const definition = (await eventTypes.current(CATALOGUE.cacheMs)).types.get(type)
  if (definition === undefined) return null
  const versions = versionsOf(definition)
  const version = newestNotAfter(versions, pinOf(webhook)) ?? versions[0]
  const schema = version === undefined ? undefined : definition.schemas[version]
  const steps = new Steps(CATALOGUE.requestSteps)
  const converting = new Steps(CONVERSIONS.requestSteps)
  const isOfVersion = (example: Json) =>
    schema === undefined ||
    version === versions.at(-1) ||
    evaluate(schema, example, steps.share(CATALOGUE.eventSteps)) === 'valid'
  const made = await madeExamples(definition, version, { checking: steps, converting })
  const own = made ?? definition.examples.filter(isOfVersion).map((one) => JSON.stringify(one))
  const fit = own.length > 0 ? own : examplesWithin(schema, steps).map((one) => JSON.stringify(one))
  if (fit.length > 0) {
    if (fit[index] !== undefined) return fit[index]
    throw invalid(['exampleIndex'], `The type has examples 0 to ${fit.length - 1}.`)
  }
  if (schema === undefined) return null
  const madeUp = makeExample(schema)
  if (madeUp !== undefined) return JSON.stringify(madeUp)
  const message = `The webhook gets version ${version} of this type, which has no example, and none could be made from its schema. Give the data, or save an example.`
  throw invalid(['type'], message)
}

/** What conversions make of the examples for a version, as publishing them would; null where none lead to it. */
async function madeExamples(
  type: EventTypeDefinition,
  version: string | undefined,
  steps: EventSteps,
): Promise<readonly string[] | null> {
  const newest = versionsOf(type).at(-1)
  if (newest === undefined || version === undefined || version === newest) return null
  if (!type.conversions.some(({ to }) => to === version)) return null
  const texts: string[] = []
  for (const example of type.examples) {
    const own = {
      checking: steps.checking.share(CATALOGUE.eventSteps),
      converting: steps.converting.share(CONVERSIONS.eventSteps),
    }
    const published = [{ version: newest, data: JSON.stringify(example) }]
    const { held } = await assignData(type, published, validConversions(type.schemas, own))
    const data = held.get(version)?.data
    if (data !== undefined) texts.push(data)
  }
  return texts
}

/** The examples that stand in a schema itself, those that are valid. */
function examplesWithin(schema: JsonSchema | undefined, steps: Steps): readonly Json[] {
  const named = typeof schema === 'object' ? schema.examples : undefined
  if (schema === undefined || !Array.isArray(named)) return []
  const isValid = (one: Json) =>
    evaluate(schema, one, steps.share(CATALOGUE.eventSteps)) === 'valid'
  return named.slice(0, CATALOGUE.examples).filter(isValid)
}
