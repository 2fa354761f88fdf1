// Infermedica documents no errors; these are ours (contracts/infermedica.md).

import type { FieldNames } from '../../http/field-errors.ts'

export { plainErrors as errors } from '../../http/plain-errors.ts'

export const fieldNames = { eventTypes: ['subscribed_events'] } satisfies FieldNames
