// Webhooks by the thousand: copies of one, with its subscriptions, as if each had been created.

/** Rows of one statement, so that none runs too long. */
const STEP = 1_000

export async function copyWebhook(db: D1Database, id: string, copies: number): Promise<void> {
  for (let from = 0; from < copies; from += STEP) {
    await copyRange(db, id, from, Math.min(from + STEP, copies))
  }
}

async function copyRange(db: D1Database, id: string, from: number, to: number): Promise<void> {
  const numbers =
    'WITH RECURSIVE n(i) AS (SELECT ?2 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?3)'
  const query = "SELECT name FROM pragma_table_info('webhooks')"
  const { results } = await db.prepare(query).all<{ name: string }>()
  const columns = results.map(({ name }) => name)
  const copied = columns.map((name) => (name === 'id' ? `w.id || '-' || n.i` : `w.${name}`))
  await db.batch([
    db
      .prepare(
        `${numbers} INSERT INTO webhooks (${columns}) SELECT ${copied} FROM webhooks w, n WHERE w.id = ?1`,
      )
      .bind(id, from, to),
    db
      .prepare(
        `${numbers} INSERT INTO subscriptions SELECT s.tenant_id, s.event_type, s.scope_entry,
          s.webhook_id || '-' || n.i FROM subscriptions s, n WHERE s.webhook_id = ?1`,
      )
      .bind(id, from, to),
  ])
}
