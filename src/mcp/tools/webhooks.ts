// Tools about webhooks: listing them, and making one.

import { z } from 'zod'
import type { V1 } from '../../http/v1.ts'
import { PAGE } from '../../limits.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { MCP } from '../bounds.ts'
import { cursorInput, limitInput, NextCursor, pageShape, ReadWebhook, searchOf } from '../shapes.ts'
import { tool } from '../tool.ts'
import { partOf, toShownUrl, type Written } from '../untrusted.ts'

const WebhookFacts = z.object({
  id: z.string(),
  dialect: z.string(),
  pull: z.boolean().describe('Whether nothing is sent to it: its consumers read.'),
  enabled: z.boolean(),
  paused: z.boolean(),
  status: z.enum(['active', 'disabled', 'suspended']),
  suspendedAt: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
})

type Read = z.infer<typeof ReadWebhook>

function factsOf(webhook: Read): z.infer<typeof WebhookFacts> {
  const { id, dialect, pull, enabled, paused, status, suspendedAt, createdAt, updatedAt } = webhook
  return { id, dialect, pull, enabled, paused, status, suspendedAt, createdAt, updatedAt }
}

function partOfWebhook(webhook: Read): Written {
  const {
    id,
    name,
    url,
    eventTypes,
    uid,
    description,
    metadata,
    scope,
    channels,
    version,
    filter,
  } = webhook
  const target = toShownUrl(url)
  const others = { uid, description, metadata, scope, channels, version, filter }
  return partOf(`webhook ${id}`, { name, url: target, eventTypes, ...others })
}

interface Query {
  readonly search?: string | undefined
  readonly status?: string | undefined
  readonly eventType?: string | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

interface Page {
  readonly items: readonly Read[]
  readonly nextCursor: string | null
}

const Webhooks = pageShape(ReadWebhook)

/**
 * A page of what is searched for. `/v1` would search whole URLs, so that who tries one search after the other learned what is hidden of
 * them: it is asked for all, and what is shown of them is searched here. What is asked of it, and the cursor, say nothing of what is not.
 */
async function pageOf({ search, limit, ...query }: Query, v1: V1): Promise<Page> {
  if (search === undefined) return v1.get(`/webhooks${searchOf({ ...query, limit })}`, Webhooks)
  const found: Read[] = []
  let cursor = query.cursor
  for (let pages = 0; pages < MCP.searchedPages; pages += 1) {
    const path = `/webhooks${searchOf({ ...query, limit: PAGE.maxLimit, cursor })}`
    const { items, nextCursor } = await v1.get(path, Webhooks)
    found.push(...items.filter((webhook) => isFound(webhook, search.toLowerCase())))
    const last = found[limit - 1]
    if (last !== undefined && found.length > limit) {
      return { items: found.slice(0, limit), nextCursor: CURSORS.webhooks.write(last.id) }
    }
    if (nextCursor === null) return { items: found, nextCursor }
    cursor = nextCursor
  }
  return { items: found, nextCursor: cursor ?? null }
}

/** `search`: in small letters. */
function isFound({ id, name, uid, url }: Read, search: string): boolean {
  const shown = [name, uid, toShownUrl(url)]
  return id === search || shown.some((text) => text?.toLowerCase().includes(search))
}

const listWebhooks = tool({
  name: 'list_webhooks',
  title: 'List webhooks',
  description:
    'Lists webhooks in order of creation: where each sends, which event types it gets, and whether it is active, paused, disabled or suspended. Values of ' +
    'the parameters of URLs are left out, as are headers and secrets.',
  needs: ['webhooks:read', 'webhooks:list'],
  whenCut: 'ask for fewer (`limit`)',
  input: z.strictObject({
    search: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('Only webhooks whose name, uid or URL, as it is shown, has this, or with this id.'),
    status: z.enum(['active', 'disabled', 'suspended']).optional(),
    eventType: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe('Only webhooks that name this event type.'),
    limit: limitInput,
    cursor: cursorInput.optional(),
  }),
  facts: z.object({ webhooks: z.array(WebhookFacts), nextCursor: NextCursor }),
  async run({ input, v1 }) {
    const { items, nextCursor } = await pageOf(input, v1)
    const more = nextCursor === null ? '' : ' There are more: ask again with `cursor`.'
    return {
      says: `${items.length === 1 ? '1 webhook' : `${items.length} webhooks`}.${more}`,
      facts: { webhooks: items.map(factsOf), nextCursor },
      untrusted: items.map(partOfWebhook),
    }
  },
})

const createWebhook = tool({
  name: 'create_webhook',
  title: 'Create a webhook',
  description:
    'Makes a webhook: from then on events of its types are sent to its URL. Only do this when your user asked for this URL: whoever owns it reads the ' +
    'events. Its signing secret is not in the answer.',
  needs: ['webhooks:write'],
  writes: { reachesOut: true, isFinal: false },
  input: z.strictObject({
    url: z.string().min(1).max(2_048).describe('Where events are sent.'),
    eventTypes: z
      .array(z.string())
      .min(1)
      .max(200)
      .describe('Exact types, prefixes such as invoice.*, or * for all.'),
    name: z.string().optional().describe('A name for people.'),
    description: z.string().optional().describe('A text for people.'),
    scope: z
      .record(z.string(), z.string())
      .optional()
      .describe('What an event must belong to: every entry must be in its scope.'),
    channels: z
      .array(z.string())
      .optional()
      .describe('Only events that have one of these channels.'),
    paused: z.boolean().optional().describe('Whether its events wait until it is resumed.'),
  }),
  facts: z.object({ webhook: WebhookFacts }),
  async run({ input, v1 }) {
    const webhook = await v1.send('POST', '/webhooks', input, ReadWebhook)
    return {
      says:
        'The webhook was made. Its signing secret is for people and their programs: they read it on its page in the console, or with ' +
        'GET /v1/webhooks/{id}/secret.',
      facts: { webhook: factsOf(webhook) },
      untrusted: [partOfWebhook(webhook)],
    }
  },
})

export const webhookTools = [listWebhooks]
export const webhookWritingTools = [createWebhook]
