// Jobs on the wire.

import { z } from 'zod'
import type { Job } from '../../engine/model/index.ts'
import { formatTime, formatTimeOrNull } from '../../primitives/time.ts'
import { Id, Time } from './fields.ts'

/** What whoever starts a job is told. */
export const StartedJob = z
  .object({
    jobId: Id.meta({ description: 'Get its progress from `/v1/jobs/{jobId}`.' }),
    queued: z.int().nullable().meta({
      description:
        'The number of events or webhooks that the job covers; null if it is known only at the end.',
    }),
  })
  .meta({ id: 'StartedJob' })

export const JobResponse = z
  .object({
    id: Id,
    kind: z.enum(['resend', 'replay', 'purge', 'reencrypt']),
    state: z.enum(['running', 'done', 'failed', 'cancelled']),
    done: z.int().meta({
      description: 'The number of events queued for sending, or of webhooks processed, so far.',
    }),
    total: z
      .int()
      .nullable()
      .meta({ description: 'The total number of these; null if it is known only at the end.' }),
    error: z.string().nullable().meta({
      description: 'The last error. While the job is running, it is retried.',
    }),
    tenantId: Id.nullable().meta({ description: 'Null if the job concerns the whole deployment.' }),
    webhookId: Id.nullable(),
    createdAt: Time,
    endedAt: Time.nullable(),
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
