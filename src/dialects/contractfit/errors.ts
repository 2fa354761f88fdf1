// Contract.fit documents no errors; these are ours (docs/contracts/contractfit.md, "Errors").

import type { FieldNames } from '../../http/field-errors.ts'

export { PlainError as ErrorBody, plainErrors as errors } from '../../http/plain-errors.ts'

export const fieldNames = { url: ['target'], eventTypes: ['events'] } satisfies FieldNames
