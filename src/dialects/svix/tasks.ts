// Background tasks: jobs of tenants.

import { z } from 'zod'
import type { Job } from '../../engine/model/index.ts'
import { invalid, notFound } from '../../errors.ts'
import { actForTenant } from '../../http/auth.ts'
import { nothing, query } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { seen } from '../../http/seen.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { formatTime } from '../../primitives/time.ts'
import { fromTaskId, toTaskId } from './ids.ts'
import { OrderedQuery, pageOf, readIterator, toPage } from './pages.ts'

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

/** The job of the task from which a page goes on. Throws `invalid`. */
function jobOf(iterator: string) {
  const named = fromTaskId(iterator)
  if (named === null) throw invalid(['iterator'], 'Not an iterator of this list.')
  return { tenantId: named.tenantId, id: named.jobId }
}

export function started(c: SurfaceContext, jobId: string, kind: 'resend' | 'replay'): TaskOut {
  return {
    id: toTaskId(c.get('principal').tenantId, jobId),
    status: 'running',
    task: TASKS[kind],
    updatedAt: formatTime(Date.now()),
  }
}

const TaskQuery = OrderedQuery.extend({
  order: z
    .enum(['ascending', 'descending'])
    .default('descending')
    .meta({ description: 'In which order of their beginning.' }),
  status: TaskOut.shape.status.optional().meta({ description: 'Only tasks that stand so.' }),
  task: z.string().optional().meta({ description: 'Only tasks that do this.' }),
})

/** Jobs that are asked at once how they fare, and how often for one page; then the page is short, and goes on. */
const AT_ONCE = 100
const READS = 5

export const taskOperations = [
  operation({
    id: 'listBackgroundTasks',
    method: 'get',
    path: '/background-task',
    summary: 'List background tasks',
    description: 'Returns the tasks of all applications that are still kept.',
    access: { operator: ['webhooks:read', 'webhooks:list'] },
    input: query(TaskQuery),
    status: 200,
    output: pageOf(TaskWithData).meta({ id: 'SvixListBackgroundTaskOut' }),
    handle: async ({ c, input: { limit, iterator, order, status, task } }) => {
      const { from, isBackwards } = readIterator(iterator)
      const isAscending = (order === 'ascending') !== isBackwards
      const found: z.infer<typeof TaskWithData>[] = []
      let last = from === null ? null : jobOf(from)
      for (let reads = 0; reads < READS && found.length <= limit; reads += 1) {
        const page = await c.env.engine.administration.listTenantJobs({
          limit: Math.min(limit + 1, AT_ONCE),
          behind: last?.id ?? null,
          order: isAscending ? 'ascending' : 'descending',
        })
        const tasks = page.items.flatMap((job) =>
          job.tenantId === null ? [] : [toTaskOut(job.tenantId, job)],
        )
        const isAsked = (one: TaskOut) =>
          (status === undefined || one.status === status) &&
          (task === undefined || one.task === task)
        found.push(...tasks.filter(isAsked))
        last = page.last
        if (last === null) break
      }
      const items = found.slice(0, limit)
      const ordered = isBackwards ? items.toReversed() : items
      const done = found.length <= limit && last === null
      const page = toPage(ordered, done, ({ id }) => id, iterator)
      // Behind what was looked at and not asked for.
      if (isBackwards || last === null || found.length > limit) return page
      return { ...page, iterator: toTaskId(last.tenantId, last.id) }
    },
  }),
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
