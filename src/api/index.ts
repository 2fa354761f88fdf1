// The native API, `/v1` (docs/contracts/native.md), which also describes every other surface of the deployment.

import { z } from 'zod'
import type { DialectRuntimes } from '../engine/ports/index.ts'
import { byOperation } from '../http/admission.ts'
import { createSurface, type MountedSurface } from '../http/create-surface.ts'
import { refuseExampleSecret } from '../http/example-secrets.ts'
import { nothing } from '../http/input.ts'
import { JsonSource } from '../http/json-source.ts'
import { type Operation, operation } from '../http/operation.ts'
import { tenantParam, uuidParam } from '../http/path-param.ts'
import { nativeDialect } from './native-wire.ts'
import { describeAsText } from './openapi.ts'
import { nativeOperations } from './operations.ts'
import { problems } from './problem.ts'

const params = {
  tenant: tenantParam,
  keyId: uuidParam('key'),
  eventId: uuidParam('event'),
  webhookId: uuidParam('webhook'),
  jobId: uuidParam('job'),
}

/** To be mounted on an app that answers errors as `answerProblem` does. `vendors` are described beside it. */
export function createNativeApi(
  dialectRuntimes: DialectRuntimes,
  vendors: readonly MountedSurface[],
): MountedSurface {
  const describing = describeApi((withPrivateTargets) =>
    describeAsText(native, vendors, { withPrivateTargets }),
  )
  const surface = createSurface({
    ...problems,
    operations: [...nativeOperations(dialectRuntimes), describing],
    params,
    tenantParam: 'tenant',
    admission: byOperation,
    refusesOtherParameters: true,
    sharesErrors: true,
  })
  const native: MountedSurface = { id: nativeDialect, basePath: '/v1', surface }
  return native
}

/** `write` is asked when somebody first asks: a start of the Worker should not wait for it. */
function describeApi(write: (withPrivateTargets: boolean) => string): Operation {
  const written = new Map<boolean, JsonSource>()
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
      const text =
        written.get(privateTargetsAllowed) ?? new JsonSource(write(privateTargetsAllowed))
      written.set(privateTargetsAllowed, text)
      return text
    },
  })
}
