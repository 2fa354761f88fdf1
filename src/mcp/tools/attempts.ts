// A tool about attempts: of one webhook, of one event, or of all webhooks.

import { z } from 'zod'
import { ALL_CAUSES } from '../../engine/diagnosis/diagnose.ts'
import { orNull, type V1 } from '../../http/v1.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { invalidInput } from '../../primitives/validate.ts'
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

interface Asked {
  readonly id: string
  /** Where it sends now. */
  readonly url: string | null
}

interface Where {
  readonly webhooks: readonly Asked[]
  /** Of webhooks that are still to be asked. */
  readonly nextCursor: string | null
}

/** Those webhooks to which an event was sent, by their ids: what is behind the cursor, as far as one answer asks. */
async function triedWebhooks(eventId: string, cursor: string | undefined, v1: V1): Promise<Where> {
  const [behind = ''] = cursor === undefined ? [] : readTriedCursor(cursor)
  const shape = z.object({ deliveries: z.array(ReadDelivery) })
  const { deliveries } = await v1.get(`/events/${eventId}`, shape)
  const left = deliveries
    .filter(({ attempts, url, webhookId }) => attempts > 0 && url !== null && webhookId > behind)
    .map(({ webhookId: id, url }) => ({ id, url }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const webhooks = left.slice(0, MCP.askedWebhooks)
  const last = left.length > webhooks.length ? webhooks.at(-1) : undefined
  return { webhooks, nextCursor: last === undefined ? null : CURSORS.tried.write(last.id) }
}

function readTriedCursor(cursor: string) {
  const position = CURSORS.tried.read(cursor)
  if (position !== null) return position
  const message = 'Not a cursor of the attempts of an event.'
  throw invalidInput([{ path: ['cursor'], message }], { inCallersWords: true })
}

/** A page of all webhooks to which something is sent. */
async function sendingWebhooks(cursor: string | undefined, v1: V1): Promise<Where> {
  const query = searchOf({ limit: MCP.askedWebhooks, cursor })
  const { items, nextCursor } = await v1.get(`/webhooks${query}`, Webhooks)
  return { webhooks: items.filter(({ pull }) => !pull), nextCursor }
}

/** A page of attempts at one webhook. */
async function attemptsAt({ id, url }: Asked, query: string, v1: V1) {
  const page = await v1.get(`/webhooks/${id}/attempts${query}`, pageShape(ReadAttempt))
  return { id, url, ...page }
}

type Filter = Parameters<typeof searchOf>[0] & { readonly eventId?: string | undefined }

async function pageOfOne(id: string, filter: Filter, v1: V1) {
  const [{ url }, page] = await Promise.all([
    v1.get(`/webhooks/${id}`, ReadWebhook),
    attemptsAt({ id, url: null }, searchOf(filter), v1),
  ])
  return { pages: [{ ...page, url }], nextCursor: page.nextCursor }
}

/** Of the webhooks to which the event was sent, or of all where none is named; one that was deleted in between has nothing to show. */
async function pagesOfAll(filter: Filter, cursor: string | undefined, v1: V1) {
  const { webhooks, nextCursor } =
    filter.eventId === undefined
      ? await sendingWebhooks(cursor, v1)
      : await triedWebhooks(filter.eventId, cursor, v1)
  const query = searchOf(filter)
  const pages = await Promise.all(
    webhooks.map((webhook) => orNull(() => attemptsAt(webhook, query, v1))),
  )
  return { pages: pages.filter((page) => page !== null), nextCursor }
}

const searchAttempts = tool({
  name: 'search_attempts',
  title: 'Search attempts',
  description:
    'Lists requests that were made to receivers, newest first, with how the receiver answered and why they failed. With `webhookId`, those of a webhook, ' +
    `page by page; with \`eventId\` alone, those of an event; with neither, the newest of all webhooks. Both ask ${MCP.askedWebhooks} webhooks at a time, ` +
    'and `cursor` goes on with the next ones.',
  needs: ['webhooks:read'],
  whenCut: 'ask for fewer (`limit`)',
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
    const { pages, nextCursor: next } =
      webhookId === undefined
        ? await pagesOfAll(filter, cursor, v1)
        : await pageOfOne(webhookId, { ...filter, cursor }, v1)
    const all = pages
      .flatMap(({ id, url, items }) => items.map((attempt) => ({ webhookId: id, url, attempt })))
      .toSorted((a, b) => b.attempt.at.localeCompare(a.attempt.at))
    const shown = all.slice(0, filter.limit)
    const shownOf = Map.groupBy(shown, ({ webhookId }) => webhookId)
    const withMore = pages.filter(
      ({ id, items, nextCursor }) =>
        nextCursor !== null || items.length > (shownOf.get(id)?.length ?? 0),
    )
    return {
      says:
        `${shown.length} ${shown.length === 1 ? 'attempt' : 'attempts'} at ${pages.length} ${pages.length === 1 ? 'webhook' : 'webhooks'}.` +
        (next === null ? '' : ' There are more: ask again with `cursor`.'),
      facts: {
        attempts: shown.map(({ webhookId, attempt }) => factsOf(webhookId, attempt)),
        webhooksAsked: pages.length,
        webhooksWithMore: withMore.map(({ id }) => id),
        nextCursor: next,
      },
      untrusted: shown.map(({ url, attempt }) =>
        partOf(`attempt ${attempt.id}`, writtenInAttempt(attempt, url)),
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
