// The tables of an event log, and what they became with each version of Hookline (migrate.ts).

import { JOBS, JOBS_TABLE } from '../job-store.ts'
import { NOW, type ObjectSchema } from '../migrate.ts'
import { OUTBOX, OUTBOX_TABLE } from '../outbox.ts'
import { PACKS, PACKS_TABLE } from './event-store.ts'
import { OUTCOME_RUNS, OUTCOME_SEGMENTS, OUTCOME_TABLES } from './outcome-runs.ts'
import { LATE_ROWS, REPLAYS, REPLAYS_TABLES } from './replay-store.ts'

const STEPS = [
  [PACKS_TABLE, REPLAYS_TABLES, OUTBOX_TABLE].join(';'),
  // Jobs; a replay that is under way is one.
  `${JOBS_TABLE};
  INSERT INTO jobs (id, kind, subject, request, state, done, created_at)
    SELECT run, 'replay', json_extract(request, '$.webhookId'), '', 'running', 0, ${NOW} FROM replays`,
  // What became of first deliveries (what waits to be moved there has tables that waiting-outcomes.ts makes).
  OUTCOME_TABLES,
]

export const EVENT_LOG_SCHEMA: ObjectSchema = {
  steps: STEPS,
  tables: [PACKS, REPLAYS, LATE_ROWS, OUTBOX, JOBS, OUTCOME_RUNS, OUTCOME_SEGMENTS],
}
