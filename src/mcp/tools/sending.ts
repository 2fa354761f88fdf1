// Tools that send events again, and the one that tells how far a job is.

import { z } from 'zod'
import { Queued } from '../../api/schema/fields.ts'
import { JobResponse, StartedJobResponse } from '../../api/schema/job.ts'
import { idInput, timeInput } from '../shapes.ts'
import { tool } from '../tool.ts'
import { partOf } from '../untrusted.ts'

const getJob = tool({
  name: 'get_job',
  title: 'Get a job',
  description: 'Shows how far a job is, such as a replay.',
  needs: ['webhooks:read'],
  input: z.strictObject({ jobId: idInput('job') }),
  facts: z.object({
    id: z.string(),
    kind: z.string(),
    state: z.enum(['running', 'done', 'failed', 'cancelled']),
    done: z.int().describe('How many events were sent on their way so far.'),
    total: z.int().nullable().describe('Of how many; null: only its end will tell.'),
    webhookId: z.string().nullable(),
    createdAt: z.string(),
    endedAt: z.string().nullable(),
  }),
  async run({ input: { jobId }, v1 }) {
    const job = await v1.get(`/jobs/${jobId}`, JobResponse)
    const { id, kind, state, done, total, error, webhookId, createdAt, endedAt } = job
    return {
      says: `The job is ${state}, with ${done} done.`,
      facts: { id, kind, state, done, total, webhookId, createdAt, endedAt },
      untrusted: error === null ? [] : [partOf('error', { error })],
    }
  },
})

const resendEvent = tool({
  name: 'resend_event',
  title: 'Resend an event',
  description:
    'Sends an event again: to one webhook, or to all that match it now. Receivers get it a second time, which cannot be called back.',
  needs: ['events:write'],
  writes: { reachesOut: true, isFinal: true },
  input: z.strictObject({
    eventId: idInput('event'),
    webhookId: idInput('webhook')
      .optional()
      .describe('The webhook to send it to. If absent, all that match it now.'),
  }),
  facts: z.object({ queued: z.int().describe('To how many webhooks it is sent.') }),
  async run({ input: { eventId, webhookId }, v1 }) {
    const { queued } = await v1.send('POST', `/events/${eventId}/resend`, { webhookId }, Queued)
    const to = queued === 1 ? '1 webhook' : `${queued} webhooks`
    return {
      says: `The event is sent to ${to}. get_event shows what came of it.`,
      facts: { queued },
      untrusted: [],
    }
  },
})

const replayEvents = tool({
  name: 'replay_events',
  title: 'Replay events to a webhook',
  description:
    'Starts a job that sends a webhook the events of a span of time again: those that were not delivered to it, unless `onlyMissing` is false. ' +
    'Receivers may get many requests, which cannot be called back.',
  needs: ['webhooks:write'],
  writes: { reachesOut: true, isFinal: true },
  input: z.strictObject({
    webhookId: idInput('webhook'),
    since: timeInput('Only events accepted at or after this time.'),
    until: timeInput('Only events accepted before this time; now, unless told.').optional(),
    eventTypes: z
      .array(z.string())
      .min(1)
      .max(200)
      .optional()
      .describe('Only events of these types.'),
    onlyMissing: z
      .boolean()
      .default(true)
      .describe('Whether to leave out what was delivered to the webhook.'),
  }),
  facts: z.object({ jobId: z.string().describe('get_job shows how far it is.') }),
  async run({ input: { webhookId, ...input }, v1 }) {
    const { jobId } = await v1.send(
      'POST',
      `/webhooks/${webhookId}/replay`,
      input,
      StartedJobResponse,
    )
    return {
      says: 'A job sends the events. get_job shows how far it is.',
      facts: { jobId },
      untrusted: [],
    }
  },
})

export const jobTools = [getJob]
export const sendingTools = [resendEvent, replayEvents]
