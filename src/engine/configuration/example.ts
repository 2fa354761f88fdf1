// Which example of a type a test of a webhook sends.

import { invalid } from '../../errors.ts'
import { CATALOGUE } from '../../limits.ts'
import { evaluate } from '../catalogue/evaluate.ts'
import { Steps } from '../catalogue/steps.ts'
import { newestNotAfter, pinOf, versionsOf, type Webhook } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'

/**
 * The first example of a type that is data of the version that a webhook gets, as JSON text; null where the type has none. Examples
 * are of the newest version. Throws `invalid` where none is valid under the version that the webhook is pinned to.
 */
export async function exampleOf(
  type: string | null,
  webhook: Pick<Webhook, 'pins'>,
  { eventTypes }: Pick<Ports, 'eventTypes'>,
): Promise<string | null> {
  if (type === null) return null
  const definition = (await eventTypes.current(CATALOGUE.cacheMs)).types.get(type)
  const [first] = definition?.examples ?? []
  if (definition === undefined || first === undefined) return null
  const versions = versionsOf(definition)
  const version = newestNotAfter(versions, pinOf(webhook)) ?? versions[0]
  if (version === undefined || version === versions.at(-1)) return JSON.stringify(first)
  const steps = new Steps(CATALOGUE.requestSteps)
  const schema = definition.schemas[version] ?? true
  const fit = definition.examples.find(
    (example) => evaluate(schema, example, steps.share(CATALOGUE.eventSteps)) === 'valid',
  )
  if (fit !== undefined) return JSON.stringify(fit)
  const message = `The webhook gets version ${version} of this type, under which none of its examples is valid. Give the data.`
  throw invalid(['type'], message)
}
