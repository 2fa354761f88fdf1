// Infermedica documents no errors; these are ours (docs/contracts/infermedica.md, "Errors").

import type { FieldNames } from '../../http/field-errors.ts'

export { PlainError as ErrorBody, plainErrors as errors } from '../../http/plain-errors.ts'

export const fieldNames = { eventTypes: ['subscribed_events'] } satisfies FieldNames
