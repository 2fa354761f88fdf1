// Diverted events on their way again: a job per resend, sent in steps that survive a crash. A step that was sent and
// not noted is sent again, in the same run, and the courier asks the log first.

import { LOG } from '../../config.ts'
import type { Event, Run } from '../../engine/model.ts'
import { toDeliveryText, toRunMessage } from '../../engine/pipeline/delivery-message.ts'
import type { WebhookRef } from '../../engine/ports.ts'
import type { DivertedStore } from './diverted-store.ts'

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS resends (
    run TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    webhook_id TEXT NOT NULL
  ) WITHOUT ROWID`

export class Resends {
  private readonly sql: SqlStorage
  private readonly diverted: DivertedStore

  constructor(sql: SqlStorage, diverted: DivertedStore) {
    this.sql = sql
    this.diverted = diverted
    sql.exec(SCHEMA)
  }

  /** Notes a resend of what `claim` marks; returns how many that is. */
  start(ref: WebhookRef, run: Run, claim: () => number): number {
    const count = claim()
    if (count > 0) this.sql.exec('INSERT INTO resends VALUES (?, ?, ?)', run, ref.tenantId, ref.id)
    return count
  }

  /** Sends what is marked and not sent. Rejects when the queue does; what was sent until then is noted. */
  async send(sendTexts: (texts: readonly string[]) => Promise<void>): Promise<void> {
    for (;;) {
      const step = this.diverted.unsent(LOG.jobStepMessages)
      if (step.length === 0) break
      await sendTexts(step.flatMap(({ run, diverted }) => this.toText(run, diverted.event)))
      for (const { run, diverted } of step) this.diverted.markSent(diverted.event.id, run)
    }
    this.sql.exec('DELETE FROM resends')
  }

  private toText(run: Run, event: Event): string[] {
    const query = 'SELECT tenant_id, webhook_id FROM resends WHERE run = ?'
    const rows = this.sql.exec<{ tenant_id: string; webhook_id: string }>(query, run).toArray()
    return rows.map(({ tenant_id: tenantId, webhook_id: id }) =>
      toDeliveryText(toRunMessage({ tenantId, id }, run, event)),
    )
  }
}
