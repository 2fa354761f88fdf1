// Erasing what was published: one event's content, or that of all events of a scope. Everything that knows of a request is told, in an
// order in which whoever dies between leaves nothing half done that its repetition does not do.

import { notFound } from '../../errors.ts'
import { newId } from '../../primitives/ids.ts'
import type { Administration } from '../api.ts'
import type { ErasureRequest, JobReceipt } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'
import { tellsOf } from './tells-of.ts'

type ErasurePorts = Pick<
  Ports,
  'clock' | 'tenants' | 'tenantJobs' | 'deadLetters' | 'eventLog' | 'webhooks' | 'monitor'
>

/** Events that the log is asked about; of more, any may be forgotten. */
const ASKED = 100
/** Monitors that are told at the same time. */
const TOLD_AT_ONCE = 20

/** Starts a job that erases events of a tenant. Throws `not_found` for the tenant. */
export function createErase(ports: ErasurePorts): Administration['eraseEvents'] {
  return async (tenantId, request): Promise<JobReceipt> => {
    const { clock, tenants, tenantJobs, deadLetters, eventLog } = ports
    const tenant = await tenants.find(tenantId)
    if (tenant === null) throw notFound('tenant')
    const now = clock()
    // First: whoever has an older event in a queue asks from here on.
    await tenants.noteErasure(tenantId, now)
    const names = tenant.uid === null ? [tenantId] : [tenantId, tenant.uid]
    await deadLetters.erase((body) => tellsOf(body, names, request))
    const jobId = newId(now)
    await tenantJobs.note({ id: jobId, tenantId })
    await eventLog(tenantId).erase(tenantId, jobId, request)
    if ('eventIds' in request) await eraseForgotten(tenantId, request.eventIds, ports)
    return { jobId, queued: countOf(request) }
  }
}

/**
 * Of an event that the log has forgotten, a monitor may still have what is being tried, and excerpts: which one nobody knows, so that all
 * of the tenant's are told.
 */
async function eraseForgotten(
  tenantId: string,
  eventIds: readonly string[],
  { eventLog, webhooks, monitor }: ErasurePorts,
): Promise<void> {
  const log = eventLog(tenantId)
  const isForgotten = async (id: string) => (await log.find(id)) === null
  const isMany = eventIds.length > ASKED
  const answers = isMany ? [] : await Promise.all(eventIds.map(isForgotten))
  const forgotten = eventIds.filter((_, index) => isMany || answers[index])
  if (forgotten.length === 0) return
  const webhookIds = await webhooks.listIds({ tenantId })
  for (let from = 0; from < webhookIds.length; from += TOLD_AT_ONCE) {
    const some = webhookIds.slice(from, from + TOLD_AT_ONCE)
    await Promise.all(some.map((id) => monitor(id).erase(forgotten)))
  }
}

/** Null: only its end tells. */
function countOf(request: ErasureRequest): number | null {
  return 'scope' in request ? null : new Set(request.eventIds).size
}
