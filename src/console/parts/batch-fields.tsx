// The batch of a webhook on its form, and in words.

import type { HealthResponse } from '../../api/schema/health.ts'
import type { WebhookResponse } from '../../api/schema/webhook.ts'
import { BATCH_LIMITS } from '../../engine/model/index.ts'
import { spanOf } from './delays.ts'
import { TextField } from './fields.tsx'
import { toNumber } from './numbers.ts'

/** Numbers; both empty: each event has a request of its own. */
export interface BatchFields {
  readonly maxEvents: string
  readonly maxWaitMs: string
}

export const EMPTY_BATCH_FIELDS: BatchFields = { maxEvents: '', maxWaitMs: '' }

/** The fields of a form that was sent. */
export function batchFieldsOf(text: (name: string) => string): BatchFields {
  return { maxEvents: text('maxEvents'), maxWaitMs: text('maxWaitMs') }
}

/** The fields of a webhook as it is. */
export function batchFieldsOfWebhook({ batch }: WebhookResponse): BatchFields {
  if (batch === null) return EMPTY_BATCH_FIELDS
  return { maxEvents: `${batch.maxEvents}`, maxWaitMs: `${batch.maxWaitMs}` }
}

/** What the API takes. What is no number, or missing, is left to it to refuse, and how long to wait where nobody says it. */
export function toBatch({ maxEvents, maxWaitMs }: BatchFields) {
  if (maxEvents === '' && maxWaitMs === '') return null
  return {
    maxEvents: toNumber(maxEvents),
    ...(maxWaitMs !== '' && { maxWaitMs: toNumber(maxWaitMs) }),
  }
}

export function BatchFormFields({
  fields,
  wrong,
}: {
  readonly fields: BatchFields
  readonly wrong: (name: string) => string | undefined
}) {
  const ofEvents = wrong('batch.maxEvents')
  const ofWait = wrong('batch.maxWaitMs')
  return (
    <div class="pair">
      <TextField
        name="maxEvents"
        label="Events in one request"
        inputmode="numeric"
        value={fields.maxEvents}
        hint={`At most, up to ${BATCH_LIMITS.maxEvents}. Empty: each event has a request of its own.`}
        wrong={ofEvents ?? (ofWait === undefined ? wrong('batch') : undefined)}
      />
      <TextField
        name="maxWaitMs"
        label="Milliseconds to wait for others"
        inputmode="numeric"
        value={fields.maxWaitMs}
        hint={`At most, up to ${BATCH_LIMITS.maxWaitMs.toLocaleString('en')}. Empty: ${BATCH_LIMITS.waitMs.toLocaleString('en')}.`}
        wrong={ofWait}
      />
    </div>
  )
}

/** How many events go together, and when. */
export function batchInWords({
  maxEvents,
  maxWaitMs,
}: NonNullable<WebhookResponse['batch']>): string {
  const most = `up to ${maxEvents} ${maxEvents === 1 ? 'event' : 'events'} in one request`
  return maxWaitMs === 0 ? `${most}, at once` : `${most}, after ${waitOf(maxWaitMs)} at the latest`
}

function waitOf(ms: number): string {
  if (ms % 1_000 === 0) return spanOf(ms / 1_000)
  return ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`
}

/** How many events wait for others, and how many are on their way unless that is told already; nothing where none is. */
export function BatchSentence({
  batch: { waiting, underWay },
  isRated,
}: {
  readonly batch: NonNullable<HealthResponse['batch']>
  readonly isRated: boolean
}) {
  const told = [
    ...inWords(waiting, 'waits for others to go with', 'wait for others to go with'),
    ...(isRated ? [] : inWords(underWay, 'is on its way', 'are on their way')),
  ]
  return told.length === 0 ? null : <p>{told.join(', and ')}.</p>
}

function inWords(events: number, one: string, several: string): readonly string[] {
  if (events === 0) return []
  return [events === 1 ? `1 event ${one}` : `${events.toLocaleString('en')} events ${several}`]
}
