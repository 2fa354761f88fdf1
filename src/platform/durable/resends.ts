// Diverted events on their way again: a job per resend, sent in batches that are noted one by one. A batch that was
// sent and not noted is sent again, in the same run, and the courier asks the log first.

import { LOG } from '../../config.ts'
import type { Run } from '../../engine/model.ts'
import { toDeliveryText, toRunMessage } from '../../engine/pipeline/delivery-message.ts'
import type { WebhookRef } from '../../engine/ports.ts'
import type { Debt, Debts } from './debts.ts'
import type { DivertedStore } from './diverted-store.ts'

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS resends (
    run TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    webhook_id TEXT NOT NULL
  ) WITHOUT ROWID`

interface Resent extends Debt {
  readonly run: Run
  readonly eventId: string
}

export class Resends implements Debts<Resent> {
  readonly send: Debts['send']
  private readonly sql: SqlStorage
  private readonly diverted: DivertedStore

  constructor(sql: SqlStorage, diverted: DivertedStore, send: Debts['send']) {
    this.sql = sql
    this.diverted = diverted
    this.send = send
    sql.exec(SCHEMA)
  }

  /** Notes a resend of what `claim` marks; returns how many that is. */
  start(ref: WebhookRef, run: Run, claim: () => number): number {
    const count = claim()
    if (count > 0) this.sql.exec('INSERT INTO resends VALUES (?, ?, ?)', run, ref.tenantId, ref.id)
    return count
  }

  async next(): Promise<readonly Resent[]> {
    const step = this.diverted.unsent(LOG.jobStepMessages)
    if (step.length === 0) this.sql.exec('DELETE FROM resends')
    return step.map(({ run, diverted: { event } }) => {
      const text = toDeliveryText(toRunMessage(this.refOf(run), run, event))
      return { text, run, eventId: event.id }
    })
  }

  settle(sent: readonly Resent[]): void {
    for (const { run, eventId } of sent) this.diverted.markSent(eventId, run)
  }

  private refOf(run: Run): WebhookRef {
    const query = 'SELECT tenant_id, webhook_id FROM resends WHERE run = ?'
    const row = this.sql.exec<{ tenant_id: string; webhook_id: string }>(query, run).one()
    return { tenantId: row.tenant_id, id: row.webhook_id }
  }
}
