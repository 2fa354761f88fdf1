// What can be asked of event types.

import { eventTypeExport } from './event-type-export.ts'
import { eventTypeImport } from './event-type-import.ts'
import { ofEventTypes } from './event-types.ts'

export const eventTypeOperations = [...eventTypeImport, ...eventTypeExport, ...ofEventTypes]
