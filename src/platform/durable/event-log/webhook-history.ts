// How the webhooks of a tenant were before they were changed, for as long as events are kept: so that it can be said later whom an
// event was not for, and why. What counts is the order in which the event log itself saw changes and events, not the clocks of
// those who made them: both have moments of one sequence.

import { z } from 'zod'
import { RETENTION } from '../../../retention.ts'
import { LOG } from '../../../tuning.ts'
import { SealedWebhook } from '../../d1/tenant-webhooks.ts'
import { HISTORY } from '../../tuning.ts'
import type { Table } from '../migrate.ts'
import { jsonText, rowOf, rowsOf } from '../rows.ts'

export const HISTORY_TABLE = `
  CREATE TABLE IF NOT EXISTS webhook_versions (
    webhook_id TEXT NOT NULL,
    -- Moments: it counted for what was accepted from \`since\` on and before \`until\`.
    until INTEGER NOT NULL,
    since INTEGER NOT NULL,
    -- What decided which events it got, as JSON.
    rules TEXT NOT NULL,
    PRIMARY KEY (webhook_id, until)
  ) WITHOUT ROWID;
  -- Moments from which on the version that is copied counts, and at which the webhook was made; 0: not noted.
  ALTER TABLE copied_webhooks ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE copied_webhooks ADD COLUMN made INTEGER NOT NULL DEFAULT 0`

/** What is lost of a version tells nothing any more. */
const FORGOTTEN = 'DELETE FROM webhook_versions'
const SINCE = 4

export const VERSIONS: Table = {
  name: 'webhook_versions',
  columns: {
    since: { sql: 'INTEGER NOT NULL DEFAULT 0', since: SINCE, restored: FORGOTTEN },
    rules: { sql: "TEXT NOT NULL DEFAULT '{}'", since: SINCE, restored: FORGOTTEN },
  },
}

/** What of a webhook decides which events it gets. */
const Rules = SealedWebhook.pick({
  enabled: true,
  eventTypes: true,
  scope: true,
  attributes: true,
  pins: true,
  channels: true,
})
export type Rules = z.infer<typeof Rules>

/** Since when a webhook is as it is, and when it was made, as moments. */
export interface Period {
  readonly since: number
  readonly made: number
}

/** How a webhook was for a while. */
export interface Version {
  readonly since: number
  readonly until: number
  readonly rules: Rules
}

const VersionRow = z.object({ since: z.number(), until: z.number(), rules: jsonText(Rules) })
const SizeRow = z.object({ until: z.number(), chars: z.number() })

/** Moments of one event log, in microseconds, ascending: a change counts for what is accepted after it, and for nothing before. */
export class Moments {
  private lastAccepted = 0
  private lastChanged: number
  /** Since the last change; what a former object accepted this one does not know. */
  private mayHaveAccepted = true

  /** `lastChanged`: the latest that a former object gave. */
  constructor(lastChanged: number) {
    this.lastChanged = lastChanged
  }

  /** Of events that are accepted now. */
  accepting(now: number): number {
    this.mayHaveAccepted = true
    this.lastAccepted = Math.max(now * 1_000, this.lastAccepted, this.lastChanged)
    return this.lastAccepted
  }

  /** Of a change that counts from now on. Changes between which nothing was accepted have one moment. */
  changing(now: number): number {
    if (!this.mayHaveAccepted) return this.lastChanged
    this.mayHaveAccepted = false
    // Behind what a former object may have accepted in this millisecond.
    this.lastChanged = Math.max(now * 1_000, this.lastAccepted, this.lastChanged) + 1
    return this.lastChanged
  }
}

function rulesOf({ enabled, eventTypes, scope, attributes, pins, channels }: SealedWebhook): Rules {
  return { enabled, eventTypes, scope, attributes, pins, channels }
}

/**
 * Since when a webhook certainly is as it is, whose changes nobody noted: since it was read, or since it was last written, by a
 * clock that may be ahead.
 */
export function knownSince({ updatedAt }: Pick<SealedWebhook, 'updatedAt'>, readAt: number) {
  return Math.min(readAt, (updatedAt + LOG.clockSkewMs) * 1_000)
}

/** The period of a webhook that was just read, and the version that ended with that, if it counted for anything. */
export function nextPeriod(
  before: { readonly sealed: SealedWebhook; readonly period: Period } | null,
  sealed: SealedWebhook,
  { at, isFirstRead }: { readonly at: number; readonly isFirstRead: boolean },
): { readonly period: Period; readonly ended: Version | null } {
  if (before === null) {
    const since = isFirstRead ? knownSince(sealed, at) : at
    return { period: { since, made: isFirstRead ? 0 : at }, ended: null }
  }
  const rules = rulesOf(before.sealed)
  const isSame = JSON.stringify(rules) === JSON.stringify(rulesOf(sealed))
  if (isSame) return { period: before.period, ended: null }
  const { since, made } = before.period
  return { period: { since: at, made }, ended: since < at ? { since, until: at, rules } : null }
}

/**
 * What decided at a moment which events a webhook got, or why nobody knows. `version`: the first that ended after the moment, if any
 * did.
 */
export function rulesAt(
  at: number,
  { sealed, period: { since, made } }: { readonly sealed: SealedWebhook; readonly period: Period },
  version: Version | null,
): Rules | 'created_later' | 'unknown' {
  // A moment of its making is exact; the time that it bears is of another clock.
  if (at < (made === 0 ? sealed.createdAt * 1_000 : made)) return 'created_later'
  if (at >= since) return rulesOf(sealed)
  return version !== null && version.since <= at ? version.rules : 'unknown'
}

export class WebhookHistory {
  private readonly sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.sql = sql
  }

  /** Keeps a version that has ended, and of the webhook's older ones as many as may be kept. */
  add(webhookId: string, { since, until, rules }: Version): void {
    const query =
      'INSERT OR REPLACE INTO webhook_versions (webhook_id, until, since, rules) VALUES (?, ?, ?, ?)'
    this.sql.exec(query, webhookId, until, since, JSON.stringify(rules))
    const sizes = `SELECT until, length(rules) AS chars FROM webhook_versions
      WHERE webhook_id = ? ORDER BY until DESC`
    let [count, chars] = [0, 0]
    for (const row of [...rowsOf(this.sql, SizeRow, sizes, webhookId)]) {
      count += 1
      chars += row.chars
      if (count <= HISTORY.versions && chars <= HISTORY.chars) continue
      const older = 'DELETE FROM webhook_versions WHERE webhook_id = ? AND until <= ?'
      this.sql.exec(older, webhookId, row.until)
      return
    }
  }

  /** The first version that ended after a moment; null when none did. */
  endedAfter(webhookId: string, at: number): Version | null {
    const query = `SELECT since, until, rules FROM webhook_versions
      WHERE webhook_id = ? AND until > ? ORDER BY until LIMIT 1`
    return rowOf(this.sql, VersionRow, query, webhookId, at) ?? null
  }

  /** Forgets a webhook that is gone. */
  forget(webhookId: string): void {
    this.sql.exec('DELETE FROM webhook_versions WHERE webhook_id = ?', webhookId)
  }

  /** Forgets what counted for no event that is still kept. */
  prune(now: number): void {
    const before = (now - RETENTION.eventSeconds * 1_000 - LOG.clockSkewMs) * 1_000
    this.sql.exec('DELETE FROM webhook_versions WHERE until < ?', before)
  }
}
