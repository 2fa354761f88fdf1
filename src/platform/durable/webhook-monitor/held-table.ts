// The table of deliveries that wait in a webhook's monitor, and what its rows are read as.

import { z } from 'zod'
import { JOINT_RUN } from '../../../engine/model/index.ts'
import type { Table } from '../migrate.ts'

export const HELD_TABLE = `
  CREATE TABLE held (
    -- Ids ascend: what was published first comes first.
    event_id TEXT NOT NULL,
    run TEXT NOT NULL,
    message TEXT NOT NULL,
    -- When the message was sent, Unix milliseconds; null while it waits.
    released_at INTEGER,
    -- How often it was sent and not heard of since.
    releases INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (event_id, run)
  ) WITHOUT ROWID`

export const HELD: Table = {
  name: 'held',
  columns: {
    // A delivery without its message cannot be carried on from here.
    message: { sql: "TEXT NOT NULL DEFAULT ''", restored: 'DELETE FROM held' },
    released_at: { sql: 'INTEGER' },
    releases: { sql: 'INTEGER NOT NULL DEFAULT 0' },
  },
}

export const SizeRow = z.object({ count: z.number(), chars: z.number(), joint: z.number() })
export const NOTHING = { count: 0, chars: 0, joint: 0 }
export const IdRow = z.object({ event_id: z.string() })
export const PartRow = z.object({ event_id: z.string(), run: z.string(), message: z.string() })

/** What of those that wait is meant. */
export const OF = {
  any: '',
  joint: `AND run = '${JOINT_RUN}'`,
  single: `AND run <> '${JOINT_RUN}'`,
} as const
export const ReleasedRow = z.object({
  event_id: z.string(),
  run: z.string(),
  released_at: z.number(),
  releases: z.number(),
})
export const RunRow = z.object({ run: z.string() })
export const CharsRow = z.object({ chars: z.number() })
export const TextRow = z.object({ message: z.string() })
export const MessageRow = z.object({
  event_id: z.string(),
  run: z.string(),
  message: z.string(),
  releases: z.number(),
})
