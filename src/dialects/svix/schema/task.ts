// Background tasks on the wire (docs/contracts/svix.md, "Paths").

import { z } from 'zod'
import type { Job } from '../../../engine/model/index.ts'
import { formatTime, Timestamp } from '../../../primitives/time.ts'
import { toTaskId } from '../ids.ts'

/** Of which time messages are sent again. */
export const Span = z
  .object({
    since: Timestamp.meta({ description: 'From when on.' }),
    until: Timestamp.nullish().meta({ description: 'Until when; now if absent.' }),
  })
  .meta({ id: 'SvixRecoverIn' })

export const TaskOut = z
  .object({
    id: z.string().meta({ description: 'The id of the task.' }),
    status: z.enum(['running', 'finished', 'failed']).meta({ description: 'How it stands.' }),
    task: z.string().meta({ description: 'What it does.' }),
    updatedAt: z.string().meta({ description: 'When it ended; until then, when it began.' }),
  })
  .meta({ id: 'SvixBackgroundTaskOut' })
export type TaskOut = z.infer<typeof TaskOut>

export const TaskWithDataOut = TaskOut.extend({
  data: z
    .looseObject({
      messagesSent: z.int().optional().meta({ description: 'Messages that were sent so far.' }),
      messagesPurged: z
        .int()
        .optional()
        .meta({ description: 'Messages that were expunged so far.' }),
    })
    .meta({ description: 'How far it got; of an export the document.' }),
}).meta({ id: 'SvixBackgroundTaskWithDataOut' })
export type TaskWithDataOut = z.infer<typeof TaskWithDataOut>

const TASKS = {
  resend: 'endpoint.recover',
  replay: 'endpoint.replay',
  erase: 'application.purge_content',
  purge: 'application.purge_content',
  reencrypt: 'reencrypt',
} as const satisfies Record<Job['kind'], string>

const STATES = {
  running: 'running',
  done: 'finished',
  failed: 'failed',
  cancelled: 'failed',
} as const satisfies Record<Job['state'], TaskOut['status']>

/** A job as a task. */
export function toTaskOut(tenantId: string, job: Job): TaskWithDataOut {
  const task = TASKS[job.kind]
  return {
    id: toTaskId(tenantId, job.id),
    status: STATES[job.state],
    task,
    updatedAt: formatTime(job.endedAt ?? job.createdAt),
    data: task === TASKS.erase ? { messagesPurged: job.done } : { messagesSent: job.done },
  }
}

/** A job that has just begun, as a task. */
export function toStartedTask(tenantId: string, jobId: string, kind: Job['kind']): TaskOut {
  return {
    id: toTaskId(tenantId, jobId),
    status: 'running',
    task: TASKS[kind],
    updatedAt: formatTime(Date.now()),
  }
}
