// The tables of a webhook monitor, and what they became with each version of Hookline (migrate.ts).

import { ERASED_EVENTS } from '../erased-events.ts'
import { JOBS, JOBS_TABLE } from '../job-store.ts'
import { NOW, type ObjectSchema } from '../migrate.ts'
import { OUTBOX, OUTBOX_TABLE } from '../outbox.ts'
import { DELIVERIES, DELIVERIES_TABLE } from './delivery-store.ts'
import { TENANT_RETENTION } from './diverted-retention.ts'
import { DIVERTED, DIVERTED_TABLE } from './diverted-store.ts'
import { HELD, HELD_TABLE } from './held-table.ts'
import { JOINT } from './joint-store.ts'
import { LINED_UP, PLACES } from './places.ts'
import { PERMITS } from './rates.ts'
import { REPORTS, REPORTS_TABLE } from './report-tables.ts'
import { RESENDS, RESENDS_TABLE } from './resends.ts'

const STEPS = [
  [REPORTS_TABLE, DELIVERIES_TABLE, DIVERTED_TABLE, OUTBOX_TABLE, RESENDS_TABLE].join(';'),
  // Events that cannot be expressed, why a delivery ended, who carries it, and jobs; a resend that is under way is one.
  `ALTER TABLE reports ADD COLUMN unsendable INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE deliveries ADD COLUMN reason TEXT;
  ALTER TABLE deliveries ADD COLUMN carrier TEXT;
  -- The job that the resend belongs to.
  ALTER TABLE diverted ADD COLUMN job TEXT;
  ${JOBS_TABLE};
  INSERT INTO jobs (id, kind, subject, request, state, done, created_at)
    SELECT run, 'resend', webhook_id, json_object('tenantId', tenant_id, 'rest', NULL), 'running', 0, ${NOW}
    FROM resends;
  UPDATE diverted SET job = run WHERE run IS NOT NULL AND sent = 0;
  DROP TABLE resends`,
  HELD_TABLE,
]

export const MONITOR_SCHEMA: ObjectSchema = {
  steps: STEPS,
  tables: [
    REPORTS,
    DELIVERIES,
    DIVERTED,
    OUTBOX,
    RESENDS,
    JOBS,
    HELD,
    ERASED_EVENTS,
    TENANT_RETENTION,
    PERMITS,
    JOINT,
    PLACES,
    LINED_UP,
  ],
}
