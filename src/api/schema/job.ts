// Jobs on the wire.

import { z } from 'zod'
import type { Job } from '../../engine/model/index.ts'
import { formatTime, formatTimeOrNull } from '../../primitives/time.ts'
import { Id, Time } from './fields.ts'

/** What whoever starts a job is told. */
export const StartedJob = z
  .object({
    jobId: Id.meta({ description: 'Read it at `/v1/jobs/{jobId}`.' }),
    queued: z.int().nullable().meta({
      description: 'How many things the job is about; null when only its end will tell.',
    }),
  })
  .meta({ id: 'StartedJob' })

export const JobResponse = z
  .object({
    id: Id,
    kind: z.enum(['resend', 'replay', 'purge', 'reencrypt']),
    state: z.enum(['running', 'done', 'failed', 'cancelled']),
    done: z.int().meta({ description: 'Events sent on their way, or webhooks dealt with.' }),
    total: z
      .int()
      .nullable()
      .meta({ description: 'Of how many; null when only the end will tell.' }),
    error: z.string().nullable().meta({
      description: 'What went wrong last. While the job is running it is tried again.',
    }),
    tenantId: Id.nullable().meta({ description: 'Null: the whole deployment.' }),
    webhookId: Id.nullable(),
    createdAt: Time,
    endedAt: Time.nullable(),
  })
  .meta({ id: 'Job', description: 'Kept for 30 days.' })
export type JobResponse = z.infer<typeof JobResponse>

export function toJobResponse(job: Job): JobResponse {
  const { id, kind, state, done, total, error, tenantId, webhookId, createdAt, endedAt } = job
  return {
    ...{ id, kind, state, done, total, error, tenantId, webhookId },
    createdAt: formatTime(createdAt),
    endedAt: formatTimeOrNull(endedAt),
  }
}
