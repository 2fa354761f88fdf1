// Logged events of the event log's contract.

import type { LoggedEvent } from '../../src/engine/model/index.ts'
import { eventAt } from './durable-fixtures.ts'

/** The logged event accepted so many milliseconds after noon. */
export function loggedAt(ms: number, fields: Partial<LoggedEvent> = {}): LoggedEvent {
  return { ...eventAt(ms), webhookIds: ['webhook-1'], ...fields }
}
