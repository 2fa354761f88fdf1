// The operation that describes all of them.

import { z } from 'zod'
import type { Catalogue } from '../engine/model/index.ts'
import { refuseExampleSecret } from '../http/example-secrets.ts'
import { nothing } from '../http/input.ts'
import { JsonSource } from '../http/json-source.ts'
import { type Operation, operation } from '../http/operation.ts'
import { CATALOGUE } from '../limits.ts'

/** `write` is asked when somebody asks for what was not yet written: a start of the Worker should not wait for it. */
export function describeApi(
  write: (withPrivateTargets: boolean, catalogue: Catalogue) => string,
): Operation {
  const written = new Map<boolean, { readonly of: Catalogue; readonly text: JsonSource }>()
  return operation({
    id: 'describeApi',
    method: 'get',
    path: '/openapi.json',
    summary: 'Get this OpenAPI document',
    access: 'public',
    input: nothing,
    status: 200,
    output: z.custom<JsonSource>().meta({ override: { type: 'object' } }),
    handle: async ({ c }) => {
      refuseExampleSecret(c)
      const { privateTargetsAllowed } = c.env
      const catalogue = await c.env.engine.eventTypes.catalogue(CATALOGUE.cacheMs)
      const before = written.get(privateTargetsAllowed)
      if (before?.of === catalogue) return before.text
      const text = new JsonSource(write(privateTargetsAllowed, catalogue))
      written.set(privateTargetsAllowed, { of: catalogue, text })
      return text
    },
  })
}
