// The native API, `/v1` (docs/contracts/native.md), which also describes every other surface of the deployment.

import { CONSUMER_NAME } from '../engine/model/index.ts'
import type { DialectRuntimes } from '../engine/ports/index.ts'
import { byOperation } from '../http/admission.ts'
import { createSurface, type MountedSurface } from '../http/create-surface.ts'
import { anyTextParam, tenantParam, textParam, uuidParam } from '../http/path-param.ts'
import { PUBLISH } from '../limits.ts'
import { describeApi } from './describe-api.ts'
import { nativeDialect } from './native-wire.ts'
import { describeAsText } from './openapi.ts'
import { nativeOperations } from './operations.ts'
import { problems } from './problem.ts'

const params = {
  tenant: tenantParam,
  keyId: uuidParam('key'),
  linkId: uuidParam('portal link'),
  eventId: uuidParam('event'),
  webhookId: uuidParam('webhook'),
  attemptId: uuidParam('attempt'),
  jobId: uuidParam('job'),
  consumer: textParam(CONSUMER_NAME, 'The name of the consumer.'),
  key: anyTextParam('The key.'),
  eventType: textParam(`[A-Za-z0-9._-]{1,${PUBLISH.typeChars}}`, 'The name of the event type.'),
}

/** To be mounted on an app that answers errors as `answerProblem` does. `vendors` are described beside it. */
export function createNativeApi(
  dialectRuntimes: DialectRuntimes,
  vendors: readonly MountedSurface[],
): MountedSurface {
  const describing = describeApi((withPrivateTargets, catalogue) =>
    describeAsText(native, vendors, { withPrivateTargets, catalogue }),
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
