// Socotra's operations and what they have in common: a tenant in every path, and locators.

import { createSurface } from '../../http/create-surface.ts'
import { tenantParam, textParam, ulidParam } from '../../http/path-param.ts'
import { divertedOperations } from './diverted.ts'
import { ErrorBody, errors, fieldNames } from './errors.ts'
import { eventOperations } from './events.ts'
import { webhookOperations } from './webhooks.ts'

/** With a pattern, `list` is not taken for a locator. */
const LOCATOR = '[0-9A-Za-z]{26}'

export const surface = createSurface({
  operations: [...webhookOperations, ...divertedOperations, ...eventOperations],
  params: {
    tenantLocator: tenantParam,
    webhookLocator: { ...ulidParam('webhook'), pattern: LOCATOR },
    // Of an event in the log or of a diverted one: each operation says which there is not.
    eventLocator: textParam(LOCATOR, 'The locator of the event, a ULID.'),
    requestId: ulidParam('request'),
  },
  tenantParam: 'tenantLocator',
  beginsWithTenant: true,
  errors,
  errorBody: ErrorBody,
  fieldNames,
})
