// Socotra's operations and what they have in common: a tenant in every path, and locators.

import type { MiddlewareHandler } from 'hono'
import { notFound } from '../../errors.ts'
import { createSurface } from '../../http/create-surface.ts'
import { parseUuid } from '../../http/ids.ts'
import { textParam, ulidParam, uuidParam } from '../../http/path-param.ts'
import type { SurfaceEnv } from '../../http/surface.ts'
import { divertedOperations } from './diverted.ts'
import { ErrorBody, errors, fieldNames } from './errors.ts'
import { eventOperations } from './events.ts'
import { webhookOperations } from './webhooks.ts'

/** With a pattern, `list` is not taken for a locator. */
const LOCATOR = '[0-9A-Za-z]{26}'

/** The path of another tenant reads like that of none. */
const ownTenant: MiddlewareHandler<SurfaceEnv> = async (c, next) => {
  const tenantId = parseUuid(c.req.param('tenantLocator') ?? '', 'tenant')
  if (tenantId !== c.get('principal').tenantId) throw notFound('tenant')
  await next()
}

export const surface = createSurface({
  operations: [...webhookOperations, ...divertedOperations, ...eventOperations],
  params: {
    tenantLocator: uuidParam('tenant'),
    webhookLocator: { ...ulidParam('webhook'), pattern: LOCATOR },
    // Of an event in the log or of a diverted one: each operation says which there is not.
    eventLocator: textParam(LOCATOR, 'The locator of the event, a ULID.'),
    requestId: ulidParam('request'),
  },
  guards: [['/:tenantLocator/*', ownTenant]],
  errors,
  errorBody: ErrorBody,
  fieldNames,
})
