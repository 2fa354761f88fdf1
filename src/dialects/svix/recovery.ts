// Sending messages of a span of time to an endpoint again, as background tasks, and what came of those.

import { vendorJson } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { repeatable } from '../../http/repeatable.ts'
import { seen } from '../../http/seen.ts'
import { endpointId, endpointsOf } from './params.ts'
import { BulkReplayIn, toReplayFilter } from './schema/bulk-replay.ts'
import { Span, TaskOut } from './schema/task.ts'
import { statsOperations } from './stats.ts'
import { started, taskOperations } from './tasks.ts'

const PATH = '/app/{app_id}/endpoint/{endpoint_id}'

export const recoveryOperations = [
  repeatable(
    operation({
      id: 'recoverEndpoint',
      method: 'post',
      path: `${PATH}/recover`,
      summary: 'Send what failed again',
      access: ['diverted-events:resend'],
      audit: ['job.started'],
      input: vendorJson(Span),
      status: 202,
      output: TaskOut,
      handle: async ({ c, id, input: { since, until } }) => {
        const endpoint = await endpointsOf(c).get(await endpointId(c, id('endpoint_id')))
        const span = { since, until: until ?? undefined }
        const { jobId } = await seen(c).webhooks.resendDiverted(endpoint, span)
        return started(c, jobId, 'resend')
      },
    }),
  ),
  repeatable(
    operation({
      id: 'replayMissing',
      method: 'post',
      path: `${PATH}/replay-missing`,
      summary: 'Send what was never delivered',
      access: ['diverted-events:resend'],
      audit: ['job.started'],
      input: vendorJson(Span),
      status: 202,
      output: TaskOut,
      errors: ['limit_reached'],
      handle: async ({ c, id, input: { since, until } }) => {
        const endpoint = await endpointsOf(c).get(await endpointId(c, id('endpoint_id')))
        const asked = { since, until: until ?? null, onlyMissing: true }
        const { jobId } = await seen(c).webhooks.replay(endpoint, asked)
        return started(c, jobId, 'replay')
      },
    }),
  ),
  repeatable(
    operation({
      id: 'bulkReplay',
      method: 'post',
      path: `${PATH}/bulk-replay`,
      summary: 'Send messages again',
      access: ['diverted-events:resend'],
      audit: ['job.started'],
      input: vendorJson(BulkReplayIn),
      status: 202,
      output: TaskOut,
      errors: ['limit_reached'],
      handle: async ({ c, id, input }) => {
        const filter = toReplayFilter(input)
        const endpoint = await endpointsOf(c).get(await endpointId(c, id('endpoint_id')))
        const { jobId } = await seen(c).webhooks.replay(endpoint, filter)
        return started(c, jobId, 'replay')
      },
    }),
  ),
  ...statsOperations,
  ...taskOperations,
]
