// The native API, `/v1` (docs/contracts/native.md): its calls, routed and described.

import { Hono } from 'hono'
import { z } from 'zod'
import type { DialectRuntimes } from '../engine/ports/index.ts'
import { refuseExampleSecret } from '../http/example-secrets.ts'
import { JsonSource } from '../http/json-source.ts'
import { refuseOtherMethods, refuseOtherPaths } from '../http/methods.ts'
import type { SurfaceEnv } from '../http/surface.ts'
import { type Call, call } from './call.ts'
import { deadLetterCalls } from './dead-letters.ts'
import { divertedCalls } from './diverted.ts'
import { eventCalls } from './events.ts'
import { nothing } from './input.ts'
import { jobCalls } from './jobs.ts'
import { keyCalls } from './keys.ts'
import { describe } from './openapi.ts'
import { LOCAL_TARGET, PUBLIC_TARGET } from './schema/target-url.ts'
import { secretCalls } from './secrets.ts'
import { statusCalls } from './status.ts'
import { templateCalls } from './templates.ts'
import { tenantCalls } from './tenants.ts'
import { webhookLogCalls } from './webhook-log.ts'
import { webhookCalls } from './webhooks.ts'

/**
 * A sub-app, to be mounted at `/v1` on an app made with `strict: false` that answers errors as `answerProblem` does. One of
 * its own would be asked around each handler of a call (Hono), for the same answer.
 */
export function createNativeApi(dialectRuntimes: DialectRuntimes): Hono<SurfaceEnv> {
  const app = new Hono<SurfaceEnv>({ strict: false })
  const calls = nativeCalls(dialectRuntimes)
  for (const [path, ofPath] of Map.groupBy(calls, ({ description }) => description.path)) {
    const pattern = path.replaceAll(/\{(\w+)\}/g, ':$1')
    for (const { description, answer } of ofPath) {
      app.on(description.method.toUpperCase(), pattern, answer)
    }
    const methods = ofPath.map(({ description }) => description.method.toUpperCase())
    refuseOtherMethods(app, pattern, methods)
  }
  refuseOtherPaths(app)
  return app
}

/** Every call of `/v1`; where paths overlap, the more specific one first. */
export function nativeCalls(dialectRuntimes: DialectRuntimes): readonly Call[] {
  const calls: readonly Call[] = [
    ...tenantCalls,
    ...keyCalls,
    ...templateCalls,
    ...deadLetterCalls,
    ...secretCalls,
    ...statusCalls,
    ...eventCalls,
    ...webhookCalls(dialectRuntimes),
    ...webhookLogCalls,
    ...divertedCalls,
    ...jobCalls,
    call({
      id: 'describeApi',
      method: 'get',
      path: '/openapi.json',
      summary: 'Get this OpenAPI document',
      access: 'public',
      takes: nothing,
      status: 200,
      gives: z.custom<JsonSource>().meta({ override: { type: 'object' } }),
      handle: async ({ c }) => {
        refuseExampleSecret(c)
        return new JsonSource(describedAsText(c.env.privateTargetsAllowed))
      },
    }),
  ]
  // Made when it is first asked for: a start of the Worker should not wait for it.
  const described = new Map<boolean, string>()
  const describedAsText = (withPrivateTargets: boolean): string => {
    const text = described.get(withPrivateTargets) ?? write(withPrivateTargets)
    described.set(withPrivateTargets, text)
    return text
  }
  const write = (withPrivateTargets: boolean): string => {
    const document = describe(calls.map(({ description }) => description))
    const targets = withPrivateTargets ? LOCAL_TARGET : PUBLIC_TARGET
    return JSON.stringify(document, (_, value) => (value === PUBLIC_TARGET ? targets : value))
  }
  return calls
}
