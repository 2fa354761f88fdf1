// The tables of an event log, and what they became with each version of Hookline (migrate.ts).

import { ERASED_EVENTS } from '../erased-events.ts'
import { JOBS, JOBS_TABLE } from '../job-store.ts'
import { NOW, type ObjectSchema } from '../migrate.ts'
import { OUTBOX, OUTBOX_TABLE } from '../outbox.ts'
import { COPIES, COPY_TABLES } from './copy-tables.ts'
import { DAY_TOTALS } from './day-totals.ts'
import { DELIVERED_DAYS } from './delivered-days.ts'
import { ERASURES } from './erasure-store.ts'
import { KEPT, KEPT_TABLE } from './kept-deliveries.ts'
import { FORMER_KEYS, FORMER_KEYS_TABLE } from './key-tables.ts'
import { LATE_PACKS, LATE_PACKS_TABLE } from './numbered-rows.ts'
import { ORDERED_EVENTS } from './ordered-events.ts'
import { OUTCOME_RUNS, OUTCOME_SEGMENTS, OUTCOME_TABLES } from './outcome-runs.ts'
import { ACCEPTED_COLUMN, PACKS, PACKS_TABLE } from './pack-tables.ts'
import { LATE_ROWS, REPLAYS, REPLAYS_TABLES } from './replay-store.ts'
import { SCHEDULED_EVENTS } from './scheduled-events.ts'
import { UNTENDED, UNTENDED_TABLE } from './untended.ts'
import { HISTORY_TABLE, VERSIONS } from './webhook-history.ts'

const STEPS = [
  [PACKS_TABLE, REPLAYS_TABLES, OUTBOX_TABLE].join(';'),
  // Jobs; a replay that is under way is one.
  `${JOBS_TABLE};
  INSERT INTO jobs (id, kind, subject, request, state, done, created_at)
    SELECT run, 'replay', json_extract(request, '$.webhookId'), '', 'running', 0, ${NOW} FROM replays`,
  // Events are accepted here, for the webhooks that are copied here, and what became of first deliveries is noted. (What waits to be
  // moved to segments, and deduplication keys, have tables that waiting-outcomes.ts and key-store.ts make.)
  [ACCEPTED_COLUMN, COPY_TABLES, UNTENDED_TABLE, OUTCOME_TABLES, FORMER_KEYS_TABLE].join(';'),
  // How webhooks were before they were changed, and deliveries when theirs was deleted.
  [HISTORY_TABLE, KEPT_TABLE].join(';'),
  // Events are numbered in the order in which they are accepted.
  LATE_PACKS_TABLE,
]

export const EVENT_LOG_SCHEMA: ObjectSchema = {
  steps: STEPS,
  tables: [
    ...[PACKS, LATE_PACKS, REPLAYS, LATE_ROWS, OUTBOX, JOBS],
    ...[...COPIES, UNTENDED, OUTCOME_RUNS, OUTCOME_SEGMENTS, FORMER_KEYS, VERSIONS, KEPT],
    ...[DAY_TOTALS, DELIVERED_DAYS, ERASURES, ERASED_EVENTS, SCHEDULED_EVENTS, ORDERED_EVENTS],
  ],
}
