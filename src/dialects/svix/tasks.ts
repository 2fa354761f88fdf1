// Background tasks: jobs of tenants.

import { z } from 'zod'
import type { Job } from '../../engine/model/index.ts'
import { notFound } from '../../errors.ts'
import { actForTenant } from '../../http/auth.ts'
import { nothing } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { seen } from '../../http/seen.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { formatTime } from '../../primitives/time.ts'
import { fromTaskId, toTaskId } from './ids.ts'

export const TaskOut = z
  .object({
    id: z.string().meta({ description: 'The id of the task.' }),
    status: z.enum(['running', 'finished', 'failed']).meta({ description: 'How it stands.' }),
    task: z.string().meta({ description: 'What it does.' }),
    updatedAt: z.string().meta({ description: 'When it ended; until then, when it began.' }),
  })
  .meta({ id: 'SvixBackgroundTaskOut' })
type TaskOut = z.infer<typeof TaskOut>

const TaskWithData = TaskOut.extend({
  data: z
    .object({
      messagesSent: z.int().meta({ description: 'Messages that were sent so far.' }),
    })
    .meta({ description: 'How far it got.' }),
}).meta({ id: 'SvixBackgroundTaskWithDataOut' })

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

function toTaskOut(tenantId: string, job: Job): z.infer<typeof TaskWithData> {
  return {
    id: toTaskId(tenantId, job.id),
    status: STATES[job.state],
    task: TASKS[job.kind],
    updatedAt: formatTime(job.endedAt ?? job.createdAt),
    data: { messagesSent: job.done },
  }
}

export function started(c: SurfaceContext, jobId: string, kind: 'resend' | 'replay'): TaskOut {
  return {
    id: toTaskId(c.get('principal').tenantId, jobId),
    status: 'running',
    task: TASKS[kind],
    updatedAt: formatTime(Date.now()),
  }
}

export const taskOperations = [
  operation({
    id: 'getBackgroundTask',
    method: 'get',
    path: '/background-task/{task_id}',
    summary: 'Get a background task',
    access: { eitherKind: ['webhooks:read'] },
    input: nothing,
    status: 200,
    output: TaskWithData,
    handle: async ({ c, id }) => {
      const named = fromTaskId(id('task_id'))
      if (named === null) throw notFound('background task')
      const { tenantId, jobId } = named
      await actForTenant(tenantId, c)
      return toTaskOut(tenantId, await seen(c).jobs.get(tenantId, jobId))
    },
  }),
]
