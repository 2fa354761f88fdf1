// Svix's operations (docs/contracts/svix.md, "Paths"): paths, methods and statuses of its OpenAPI 1.1.1. Which permission one needs
// is ours.

import { createSurface } from '../../http/create-surface.ts'
import { accessOperations } from './access.ts'
import { applicationOperations } from './applications.ts'
import { attemptOperations } from './attempts.ts'
import { endpointOperations } from './endpoint-operations.ts'
import { ErrorBody, errors, fieldNames } from './errors.ts'
import { eventTypeOperations } from './event-type-operations.ts'
import { messageOperations } from './message-operations.ts'
import { params } from './params.ts'
import { pollerOperations } from './poller.ts'
import { sendingOperations } from './sending.ts'

const APP = '/app/:app_id'
const ENDPOINT = `${APP}/endpoint/:endpoint_id`

/** What Svix's SDKs can ask for and nothing answers here yet. */
const NOT_IMPLEMENTED = [
  `${ENDPOINT}/transformation/*`,
  `${ENDPOINT}/cancel/*`,
  `${ENDPOINT}/cancel-msgs`,
  `${ENDPOINT}/oauth/*`,
  `${ENDPOINT}/mtls/*`,
  `${ENDPOINT}/ca/*`,
  `${ENDPOINT}/rate-limit-status`,
  `${ENDPOINT}/auto-config/*`,
  `${APP}/msg/search`,
  `${APP}/polling-endpoint/*`,
  `${APP}/integration/*`,
  `${APP}/autoconfig/*`,
  `${APP}/destination/*`,
  '/msg/broadcast',
  '/event-type/:event_type_name/retry-schedule',
  '/auth/stream-portal-access/*',
  '/auth/stream-logout',
  '/auth/stream/*',
  '/auth/dashboard-access/*',
  '/connector/*',
  '/environment/*',
  '/stats/*',
  '/stream/*',
]

export const surface = createSurface({
  operations: [
    ...applicationOperations,
    ...sendingOperations,
    ...endpointOperations,
    ...messageOperations,
    ...attemptOperations,
    ...eventTypeOperations,
    ...accessOperations,
    ...pollerOperations,
  ],
  params,
  tenantParam: 'app_id',
  notImplemented: NOT_IMPLEMENTED,
  errors,
  errorBody: ErrorBody,
  fieldNames,
})
