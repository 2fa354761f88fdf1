// A tool about attempts: of one webhook, of one event, or of all webhooks.

import { z } from 'zod'
import { ALL_CAUSES } from '../../engine/diagnosis/diagnose.ts'
import type { V1 } from '../../http/v1.ts'
import { MCP } from '../bounds.ts'
import {
  cursorInput,
  idInput,
  limitInput,
  NextCursor,
  pageShape,
  ReadAttempt,
  ReadDelivery,
  ReadWebhook,
  searchOf,
  timeInput,
  writtenInAttempt,
} from '../shapes.ts'
import { tool } from '../tool.ts'
import { partOf } from '../untrusted.ts'

const AttemptFacts = z.object({
  id: z.string(),
  webhookId: z.string(),
  eventId: z.string(),
  attempt: z.int().describe('Its number, from 1.'),
  at: z.string(),
  outcome: z.enum(['delivered', 'failed']),
  statusCode: z.int().nullable().describe('Null: there was no response.'),
  durationMs: z.number(),
  cause: z
    .enum(ALL_CAUSES)
    .nullable()
    .describe('Why it failed (docs/diagnosis.md); null if it was delivered.'),
  nextAttemptAt: z.string().nullable(),
})

const Webhooks = pageShape(ReadWebhook)

interface Where {
  readonly ids: readonly string[]
  /** Of webhooks that are still to be asked. */
  readonly nextCursor: string | null
}

/** The webhooks to be asked where none was named: those to which the event was sent, or a page of all. */
async function webhooksOf(
  eventId: string | undefined,
  cursor: string | undefined,
  v1: V1,
): Promise<Where> {
  if (eventId !== undefined) {
    const shape = z.object({ deliveries: z.array(ReadDelivery) })
    const { deliveries } = await v1.get(`/events/${eventId}`, shape)
    const tried = deliveries.filter(({ attempts, url }) => attempts > 0 && url !== null)
    return {
      ids: tried.slice(0, MCP.askedWebhooks).map(({ webhookId }) => webhookId),
      nextCursor: null,
    }
  }
  const page = await v1.get(`/webhooks${searchOf({ limit: MCP.askedWebhooks, cursor })}`, Webhooks)
  const sending = page.items.filter(({ pull }) => !pull)
  return { ids: sending.map(({ id }) => id), nextCursor: page.nextCursor }
}

const searchAttempts = tool({
  name: 'search_attempts',
  title: 'Search attempts',
  description:
    'Lists requests that were made to receivers, newest first, with how the receiver answered and why they failed. With `webhookId`, those of a webhook, ' +
    `page by page; with \`eventId\` alone, those of an event at up to ${MCP.askedWebhooks} webhooks; with neither, the newest of ${MCP.askedWebhooks} webhooks at a time, ` +
    'where `cursor` goes on with the next webhooks.',
  needs: ['webhooks:read'],
  input: z.strictObject({
    webhookId: idInput('webhook').optional(),
    eventId: idInput('event').optional(),
    outcome: z
      .enum(['delivered', 'failed'])
      .optional()
      .describe('Only attempts with this outcome.'),
    after: timeInput('Only attempts made after this time.').optional(),
    before: timeInput('Only attempts made before this time.').optional(),
    limit: limitInput,
    cursor: cursorInput.optional(),
  }),
  facts: z.object({
    attempts: z.array(AttemptFacts),
    webhooksAsked: z.int(),
    webhooksWithMore: z
      .array(z.string())
      .describe(
        'Webhooks that have more such attempts than are shown: ask for one with its `webhookId`.',
      ),
    nextCursor: NextCursor,
  }),
  async run({ input: { webhookId, cursor, ...filter }, v1 }) {
    const { ids, nextCursor } =
      webhookId === undefined
        ? await webhooksOf(filter.eventId, cursor, v1)
        : { ids: [webhookId], nextCursor: null }
    const query = searchOf({ ...filter, cursor: webhookId === undefined ? undefined : cursor })
    const pages = await Promise.all(
      ids.map(async (id) => ({
        id,
        ...(await v1.get(`/webhooks/${id}/attempts${query}`, pageShape(ReadAttempt))),
      })),
    )
    const all = pages
      .flatMap(({ id, items }) => items.map((attempt) => ({ webhookId: id, attempt })))
      .toSorted((a, b) => b.attempt.at.localeCompare(a.attempt.at))
    const shown = all.slice(0, filter.limit)
    const shownOf = Map.groupBy(shown, ({ webhookId }) => webhookId)
    const withMore = pages.filter(
      ({ id, items, nextCursor }) =>
        nextCursor !== null || items.length > (shownOf.get(id)?.length ?? 0),
    )
    const next = webhookId === undefined ? nextCursor : (pages[0]?.nextCursor ?? null)
    return {
  whenCut: 'ask for fewer (`limit`)',
      says:
        `${shown.length} ${shown.length === 1 ? 'attempt' : 'attempts'} at ${ids.length} ${ids.length === 1 ? 'webhook' : 'webhooks'}.` +
        (next === null ? '' : ' There are more: ask again with `cursor`.'),
      facts: {
        attempts: shown.map(({ webhookId, attempt }) => factsOf(webhookId, attempt)),
        webhooksAsked: ids.length,
        webhooksWithMore: withMore.map(({ id }) => id),
        nextCursor: next,
      },
      untrusted: shown.map(({ attempt }) =>
        partOf(`attempt ${attempt.id}`, writtenInAttempt(attempt)),
      ),
    }
  },
})

function factsOf(webhookId: string, given: ReadAttempt): z.infer<typeof AttemptFacts> {
  const { id, eventId, attempt, at, outcome, statusCode, durationMs, diagnosis, nextAttemptAt } =
    given
  const cause = diagnosis?.cause ?? null
  return {
    id,
    webhookId,
    eventId,
    attempt,
    at,
    outcome,
    statusCode,
    durationMs,
    cause,
    nextAttemptAt,
  }
}

export const attemptTools = [searchAttempts]
