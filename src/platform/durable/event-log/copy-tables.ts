// The tables in which an event log keeps its copy of the tenant and its webhooks, and the changes that are announced.

import type { Table } from '../migrate.ts'

export const COPY_TABLES = `
  CREATE TABLE IF NOT EXISTS copied_tenant (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    -- Days for which its events are kept; null: no version that knew of it has read the tenant yet.
    retention_days INTEGER
  );
  CREATE TABLE IF NOT EXISTS copied_webhooks (
    id TEXT PRIMARY KEY,
    -- Grows with each change of what its owner decides: names this version of it.
    number INTEGER NOT NULL,
    sealed TEXT NOT NULL,
    -- What its monitor has decided (MonitorState), as JSON.
    state TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS announcements (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    epoch INTEGER NOT NULL
  ) WITHOUT ROWID`

/** What is lost of a copy is read again. */
const AGAIN = 'DELETE FROM copied_tenant'
const SINCE = 3

export const COPIES: readonly Table[] = [
  {
    name: 'copied_tenant',
    columns: {
      id: { sql: "TEXT NOT NULL DEFAULT ''", since: SINCE, restored: AGAIN },
      name: { sql: "TEXT NOT NULL DEFAULT ''", since: SINCE, restored: AGAIN },
      epoch: { sql: 'INTEGER NOT NULL DEFAULT 0', since: SINCE, restored: AGAIN },
      retention_days: { sql: 'INTEGER', since: SINCE },
    },
  },
  {
    name: 'copied_webhooks',
    columns: {
      number: {
        sql: 'INTEGER NOT NULL DEFAULT 0',
        since: SINCE,
        restored: `DELETE FROM copied_webhooks; ${AGAIN}`,
      },
      sealed: {
        sql: "TEXT NOT NULL DEFAULT ''",
        since: SINCE,
        restored: `DELETE FROM copied_webhooks; ${AGAIN}`,
      },
      state: { sql: "TEXT NOT NULL DEFAULT '{}'", since: SINCE },
      since: { sql: 'INTEGER NOT NULL DEFAULT 0', since: SINCE + 1 },
      made: { sql: 'INTEGER NOT NULL DEFAULT 0', since: SINCE + 1 },
    },
  },
  {
    name: 'announcements',
    columns: {
      at: { sql: 'INTEGER NOT NULL DEFAULT 0', since: SINCE },
      epoch: { sql: 'INTEGER NOT NULL DEFAULT 0', since: SINCE },
    },
  },
]
