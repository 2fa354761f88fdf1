// The catalogue of event types as an OpenAPI document: for Svix a background task, here one that has ended when it is asked for.

import { signatureHeaders, toOpenApi } from '../../http/event-type-documents.ts'
import { nothing } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { repeatable } from '../../http/repeatable.ts'
import { seenEventTypes } from '../../http/seen-event-types.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { formatTime } from '../../primitives/time.ts'
import { toTaskId } from './ids.ts'
import { TaskWithDataOut } from './schema/task.ts'

/** The same for each export: of no application, and no job. */
export const EXPORT_TASK_ID = toTaskId(
  '00000000-0000-0000-0000-000000000000',
  '00000000-0000-0000-0000-000000000000',
)

/** The catalogue as it is now, as a task that has ended. */
export async function toExportTask(c: SurfaceContext): Promise<TaskWithDataOut> {
  const catalogue = await seenEventTypes(c)
  const request = { isEnveloped: false, headers: signatureHeaders('svix') }
  return {
    id: EXPORT_TASK_ID,
    status: 'finished',
    task: 'event-type.aggregate',
    updatedAt: formatTime(Date.now()),
    data: toOpenApi(catalogue, null, request),
  }
}

export const eventTypeExport = [
  repeatable(
    operation({
      id: 'exportEventTypesAsOpenApi',
      method: 'post',
      path: '/event-type/export/openapi',
      summary: 'Export event types as OpenAPI',
      description:
        'Returns a background task that has ended, whose `data` is an OpenAPI 3.1 document with the event types as `webhooks`.',
      access: { eitherKind: [] },
      audit: 'It reads.',
      input: nothing,
      status: 202,
      output: TaskWithDataOut,
      handle: ({ c }) => toExportTask(c),
    }),
  ),
]
