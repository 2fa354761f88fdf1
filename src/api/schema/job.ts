// Jobs on the wire.

import { z } from 'zod'
import type { Job } from '../../engine/model/index.ts'
import { formatTime, formatTimeOrNull } from '../../primitives/time.ts'
import { idField, timeField, timeOrNull } from './fields.ts'

/** What whoever starts a job is told. */
export const StartedJobResponse = z
  .object({
    jobId: idField('job').meta({
      description: 'The id of the job. Get its progress from `/v1/jobs/{jobId}`.',
    }),
    queued: z.int().nullable().meta({
      description:
        'The number of events or webhooks that the job covers; null if it is known only at the end.',
    }),
  })
  .meta({ id: 'StartedJob' })

export const JobResponse = z
  .object({
    id: idField('job'),
    kind: z.enum(['resend', 'replay', 'erase', 'purge', 'reencrypt']).meta({
      description:
        'What it does; `purge` is the deletion of a tenant, `erase` an erasure of events.',
    }),
    state: z.enum(['running', 'done', 'failed', 'cancelled']).meta({
      description: 'The state of the job.',
    }),
    done: z.int().meta({
      description:
        'The number of events queued for sending or erased, or of webhooks processed, so far.',
    }),
    total: z
      .int()
      .nullable()
      .meta({ description: 'The total number of these; null if it is known only at the end.' }),
    error: z.string().nullable().meta({
      description: 'The last error. While the job is running, it is retried.',
    }),
    tenantId: z.string().meta({ format: 'uuid' }).nullable().meta({
      description: 'The tenant that the job concerns; null if it is the whole deployment.',
    }),
    webhookId: z.string().meta({ format: 'uuid' }).nullable().meta({
      description: 'The webhook that the job concerns; null if there is no single one.',
    }),
    createdAt: timeField('When it was started.'),
    endedAt: timeOrNull('When it ended; null while it is running.'),
  })
  .meta({ id: 'Job', description: 'Jobs are kept for 30 days.' })
export type JobResponse = z.infer<typeof JobResponse>

export function toJobResponse(job: Job): JobResponse {
  const { id, kind, state, done, total, error, tenantId, webhookId, createdAt, endedAt } = job
  return {
    ...{ id, kind, state, done, total, error, tenantId, webhookId },
    createdAt: formatTime(createdAt),
    endedAt: formatTimeOrNull(endedAt),
  }
}
