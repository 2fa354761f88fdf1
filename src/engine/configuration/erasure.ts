// Erasing what was published: one event's content, or that of all events of a scope. Everything that knows of a request is told, in an
// order in which whoever dies between leaves nothing half done that its repetition does not do.

import { notFound } from '../../errors.ts'
import { newId } from '../../primitives/ids.ts'
import type { Administration } from '../api.ts'
import { namesAt, tellsOf } from '../messages/tells-of.ts'
import type { ErasureRequest, JobReceipt } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'

type ErasurePorts = Pick<
  Ports,
  'clock' | 'tenants' | 'tenantJobs' | 'deadLetters' | 'idempotency' | 'eventLog'
>

/** Starts a job that erases events of a tenant. Throws `not_found` for the tenant. */
export function createErase(ports: ErasurePorts): Administration['eraseEvents'] {
  return async (tenantId, request): Promise<JobReceipt> => {
    const { clock, tenants, tenantJobs, deadLetters, idempotency, eventLog } = ports
    if ((await tenants.find(tenantId)) === null) throw notFound('tenant')
    const now = clock()
    // First: whoever has an older event in a queue asks from here on.
    await tenants.noteErasure(tenantId, now)
    const names = await tenants.namesOf(tenantId)
    await deadLetters.erase(({ body, sentAt }) => tellsOf(body, namesAt(names, sentAt), request))
    await idempotency.eraseContentOf(tenantId)
    const jobId = newId(now)
    await tenantJobs.note({ id: jobId, tenantId })
    await eventLog(tenantId).erase(tenantId, jobId, request)
    return { jobId, queued: countOf(request) }
  }
}

/** Null: only its end tells. */
function countOf(request: ErasureRequest): number | null {
  return 'scope' in request ? null : new Set(request.eventIds).size
}
