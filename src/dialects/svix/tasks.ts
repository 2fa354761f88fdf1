// Background tasks: jobs of tenants.

import { z } from 'zod'
import type { Job } from '../../engine/model/index.ts'
import { invalid, notFound } from '../../errors.ts'
import { actForTenant } from '../../http/auth.ts'
import { nothing, query } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { seen } from '../../http/seen.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { EXPORT_TASK_ID, toExportTask } from './event-type-export.ts'
import { fromTaskId, toTaskId } from './ids.ts'
import { OrderedQuery, pageOf, readIterator, toPage } from './pages.ts'
import { TaskOut, TaskWithDataOut, toStartedTask, toTaskOut } from './schema/task.ts'

/** The job of the task from which a page goes on. Throws `invalid`. */
function jobOf(iterator: string) {
  const named = fromTaskId(iterator)
  if (named === null) throw invalid(['iterator'], 'Not an iterator of this list.')
  return { tenantId: named.tenantId, id: named.jobId }
}

/** The task of a job of the application that was just started. */
export function started(c: SurfaceContext, jobId: string, kind: Job['kind']): TaskOut {
  return toStartedTask(c.get('principal').tenantId, jobId, kind)
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
    output: pageOf(TaskWithDataOut).meta({ id: 'SvixListBackgroundTaskOut' }),
    handle: async ({ c, input: { limit, iterator, order, status, task } }) => {
      const { from, isBackwards } = readIterator(iterator)
      const isAscending = (order === 'ascending') !== isBackwards
      const found: TaskWithDataOut[] = []
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
    output: TaskWithDataOut,
    handle: async ({ c, id }) => {
      if (id('task_id') === EXPORT_TASK_ID) return toExportTask(c)
      const named = fromTaskId(id('task_id'))
      if (named === null) throw notFound('background task')
      const { tenantId, jobId } = named
      await actForTenant(tenantId, c)
      return toTaskOut(tenantId, await seen(c).jobs.get(tenantId, jobId))
    },
  }),
]
