// Sending messages of a span of time to an endpoint again, as background tasks; what came of them; and one example.

import { z } from 'zod'
import { EventType } from '../../engine/model/event-type.ts'
import type { Attempt, Job } from '../../engine/model/index.ts'
import { EngineError, invalid, notFound } from '../../errors.ts'
import { actForTenant } from '../../http/auth.ts'
import { nothing, query, vendorJson } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { repeatable } from '../../http/repeatable.ts'
import { seen } from '../../http/seen.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { PAGE } from '../../limits.ts'
import { DAY_MS, formatTime, Timestamp } from '../../primitives/time.ts'
import { refuseFields } from './errors.ts'
import { fromTaskId, toTaskId } from './ids.ts'
import { endpointId, endpointsOf } from './params.ts'
import { Unsupported } from './schema/fields.ts'
import { MessageOut, toMessageOut } from './schema/message.ts'

const Span = z
  .object({
    since: Timestamp.meta({ description: 'From when on.' }),
    until: Timestamp.nullish().meta({ description: 'Until when; now if absent.' }),
  })
  .meta({ id: 'SvixRecoverIn' })

const BulkReplayIn = Span.extend({
  eventTypes: z.array(EventType).nullish().meta({ description: 'Only messages of these types.' }),
  channel: Unsupported,
  tag: Unsupported,
  status: Unsupported,
  statusCodeClass: Unsupported,
}).meta({ id: 'SvixBulkReplayIn' })

const TaskOut = z
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

function started(c: SurfaceContext, jobId: string, kind: 'resend' | 'replay'): TaskOut {
  return {
    id: toTaskId(c.get('principal').tenantId, jobId),
    status: 'running',
    task: TASKS[kind],
    updatedAt: formatTime(Date.now()),
  }
}

const StatsQuery = z.object({
  since: Timestamp.optional().meta({ description: 'From when on; 28 days ago if absent.' }),
  until: Timestamp.optional().meta({ description: 'Until when; now if absent.' }),
})
const COUNT = z.int().meta({ description: 'Messages, by how they stand.' })
const StatsOut = z
  .object({ success: COUNT, pending: COUNT, sending: COUNT, fail: COUNT, canceled: COUNT })
  .meta({ id: 'SvixEndpointStatsOut' })

const STATS_DAYS = 28
/** Pages of attempts that are counted for one answer. */
const STATS_PAGES = 200

/** Messages by how their last attempts went. Throws `limit_reached` where there are too many attempts to count. */
async function countMessages(
  read: (cursor: string | undefined) => Promise<{
    readonly items: readonly Attempt[]
    readonly nextCursor: string | null
  }>,
): Promise<z.infer<typeof StatsOut>> {
  const standing = new Map<string, 'success' | 'pending' | 'fail'>()
  let cursor: string | undefined
  for (let pages = 0; ; pages += 1) {
    const { items, nextCursor } = await read(cursor)
    for (const { eventId, outcome, nextAttemptAt } of items) {
      const before = standing.get(eventId)
      if (outcome === 'delivered') standing.set(eventId, 'success')
      else if (before === undefined) {
        standing.set(eventId, nextAttemptAt === null ? 'fail' : 'pending')
      }
    }
    if (nextCursor === null) break
    if (pages >= STATS_PAGES) {
      throw new EngineError('limit_reached', 'Too many attempts to count: ask for a shorter time.')
    }
    cursor = nextCursor
  }
  const count = (kind: string) => [...standing.values()].filter((one) => one === kind).length
  return {
    ...{ success: count('success'), pending: count('pending'), sending: 0 },
    ...{ fail: count('fail'), canceled: 0 },
  }
}

const SendExampleIn = z
  .object({
    eventType: EventType.meta({ description: 'The type of which an example is sent.' }),
    exampleIndex: Unsupported,
  })
  .meta({ id: 'SvixEventExampleIn' })

const PATH = '/app/{app_id}/endpoint/{endpoint_id}'

export const recoveryOperations = [
  repeatable(
    operation({
      id: 'recoverEndpoint',
      method: 'post',
      path: `${PATH}/recover`,
      summary: 'Send what failed again',
      access: ['diverted-events:resend'],
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
      access: ['events:write'],
      input: vendorJson(Span),
      status: 202,
      output: TaskOut,
      errors: ['limit_reached'],
      handle: async ({ c, id, input: { since, until } }) => {
        const endpoint = await endpointsOf(c).get(await endpointId(c, id('endpoint_id')))
        const asked = { since, until: until ?? null, eventTypes: null, onlyMissing: true }
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
      access: ['events:write'],
      input: vendorJson(BulkReplayIn),
      status: 202,
      output: TaskOut,
      errors: ['limit_reached'],
      handle: async ({ c, id, input: { since, until, eventTypes, ...others } }) => {
        refuseFields(others)
        const endpoint = await endpointsOf(c).get(await endpointId(c, id('endpoint_id')))
        const types = eventTypes?.length ? eventTypes : null
        const asked = { since, until: until ?? null, eventTypes: types, onlyMissing: false }
        const { jobId } = await seen(c).webhooks.replay(endpoint, asked)
        return started(c, jobId, 'replay')
      },
    }),
  ),
  operation({
    id: 'getEndpointStats',
    method: 'get',
    path: `${PATH}/stats`,
    summary: 'Count the messages of an endpoint',
    access: ['webhooks:read'],
    input: query(StatsQuery),
    status: 200,
    output: StatsOut,
    handle: async ({ c, id, input }) => {
      const until = input.until ?? Date.now()
      const since = input.since ?? until - STATS_DAYS * DAY_MS
      if (until - since > STATS_DAYS * DAY_MS) {
        throw new EngineError('malformed', `A time of at most ${STATS_DAYS} days can be counted.`)
      }
      const endpoint = await endpointsOf(c).get(await endpointId(c, id('endpoint_id')))
      const bounds = { after: since - 1, before: until + 1, limit: PAGE.maxLimit }
      return countMessages((cursor) => seen(c).webhooks.attempts(endpoint, { ...bounds, cursor }))
    },
  }),
  repeatable(
    operation({
      id: 'sendExample',
      method: 'post',
      path: `${PATH}/send-example`,
      summary: 'Send an example to an endpoint',
      description:
        'Sends the first example of the type in the catalogue, or a text that says that it is a test, once, and keeps nothing of it.',
      access: ['webhooks:write'],
      input: vendorJson(SendExampleIn),
      status: 202,
      output: MessageOut,
      handle: async ({ c, id, input: { eventType: type, ...others } }) => {
        refuseFields(others)
        const endpoint = await endpointsOf(c).get(await endpointId(c, id('endpoint_id')))
        const { types } = await c.env.engine.eventTypes.catalogue()
        const [example] = types.get(type)?.examples ?? []
        const isObject = typeof example === 'object' && example !== null && !Array.isArray(example)
        if (example !== undefined && !isObject) {
          throw invalid(['eventType'], 'The example of this type is not an object.')
        }
        const data = JSON.stringify(example ?? { message: 'This is a test.' })
        const { eventId, at } = await seen(c).webhooks.test(endpoint, { type, data })
        return toMessageOut({ id: eventId, type, data, time: formatTime(at) }, true)
      },
    }),
  ),
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
