// Socotra's operations on diverted events (docs/contracts/socotra.md, "Calls"). That there is no such webhook is said
// before what is wrong with the event's locator or the query.

import { z } from 'zod'
import type { Webhook } from '../../engine/model/index.ts'
import { parseUlid } from '../../http/ids.ts'
import { nothing, query, whenAsked } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { seen } from '../../http/seen.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { PAGE } from '../../limits.ts'
import { PageQuery } from './query.ts'
import { DivertedEventResponse, Done } from './responses.ts'
import { toDivertedResponse } from './translate.ts'
import { webhooksOf } from './webhooks.ts'

const ofEvent = '/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}'

const eventIdOf = (locator: string) => parseUlid(locator, 'diverted event')

export const divertedOperations = [
  operation({
    id: 'listDivertedEvents',
    method: 'get',
    path: '/{tenantLocator}/webhooks/{webhookLocator}/diverted',
    summary: 'List diverted events',
    description: 'Returns the diverted events of a webhook, newest first.',
    access: ['diverted-events:read', 'diverted-events:list'],
    input: whenAsked(query(PageQuery)),
    status: 200,
    output: z.array(DivertedEventResponse),
    handle: async ({ c, id, input }) => {
      const webhook = await webhooksOf(c).get(id('webhookLocator'))
      return listDiverted(c, webhook, await input())
    },
  }),
  operation({
    id: 'getDivertedEvent',
    method: 'get',
    path: ofEvent,
    summary: 'Get a diverted event',
    access: ['diverted-events:read'],
    input: nothing,
    status: 200,
    output: DivertedEventResponse,
    handle: async ({ c, id }) => {
      const webhook = await webhooksOf(c).get(id('webhookLocator'))
      const eventId = eventIdOf(id('eventLocator'))
      return toDivertedResponse(await seen(c).webhooks.getDiverted(webhook, eventId))
    },
  }),
  operation({
    id: 'deleteDivertedEvent',
    method: 'delete',
    path: ofEvent,
    summary: 'Delete a diverted event',
    access: ['diverted-events:delete'],
    audit: ['diverted_event.deleted'],
    input: nothing,
    status: 200,
    output: Done,
    handle: async ({ c, id }) => {
      const webhook = await webhooksOf(c).get(id('webhookLocator'))
      await seen(c).webhooks.deleteDiverted(webhook, eventIdOf(id('eventLocator')))
      return {}
    },
  }),
  operation({
    id: 'resendDivertedEvent',
    method: 'post',
    path: `${ofEvent}/resend`,
    summary: 'Resend a diverted event',
    access: ['diverted-events:resend'],
    audit: ['job.started'],
    input: nothing,
    status: 200,
    output: Done,
    handle: async ({ c, id }) => {
      const webhook = await webhooksOf(c).get(id('webhookLocator'))
      await seen(c).webhooks.resendOneDiverted(webhook, eventIdOf(id('eventLocator')))
      return {}
    },
  }),
]

/** Read page by page, of which only what is shown is kept: their payloads would not fit in memory together. */
async function listDiverted(
  c: SurfaceContext,
  webhook: Webhook,
  { offset, count }: { readonly offset: number; readonly count: number },
): Promise<DivertedEventResponse[]> {
  const shown: DivertedEventResponse[] = []
  let from: { readonly offset: number } | { readonly cursor: string } = { offset }
  while (shown.length < count) {
    const limit = Math.min(PAGE.maxLimit, count - shown.length)
    const { items, nextCursor } = await seen(c).webhooks.diverted(webhook, { ...from, limit })
    shown.push(...items.map(toDivertedResponse))
    if (nextCursor === null) break
    from = { cursor: nextCursor }
  }
  return shown
}
