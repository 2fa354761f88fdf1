// A webhook that is about to be deleted: should whoever does that die before this monitor is purged, it finds out by itself
// that the webhook is gone, and forgets everything.

import type { WebhookRef } from '../../../engine/ports/index.ts'
import { newId } from '../../../primitives/ids.ts'
import { RETENTION } from '../../../tuning.ts'
import { inTime } from '../in-time.ts'
import type { StoredJob } from '../job-store.ts'

/** A job that waits for the webhook to be gone. */
const DELETION = 'deletion'

export function toDeletion({ tenantId, id }: WebhookRef, now: number): StoredJob {
  const progress = { state: 'running', done: 0, total: 1, error: null, endedAt: null } as const
  return {
    ...{ id: newId(now), kind: DELETION, subject: id, request: tenantId },
    ...{ createdAt: now, progress },
  }
}

export function isDeletion({ kind }: StoredJob): boolean {
  return kind === DELETION
}

/** Forgets everything once the webhook is gone; when it is still there after a while, it was not deleted after all. */
export async function finishDeletion(
  { subject, request, createdAt }: StoredJob,
  db: D1Database,
  next: {
    readonly forget: () => Promise<void>
    readonly wait: () => Promise<void>
    readonly cancel: () => void
  },
): Promise<void> {
  const query = db.prepare('SELECT 1 FROM webhooks WHERE tenant_id = ? AND id = ?')
  if ((await inTime(query.bind(request, subject).first())) === null) await next.forget()
  else if (Date.now() < createdAt + RETENTION.deletionSeconds * 1_000) await next.wait()
  else next.cancel()
}
