// Socotra's calls (docs/contracts/socotra.md, "Calls"): webhooks, diverted events and the event stream.

import type { MiddlewareHandler } from 'hono'
import { isSystemEventType, type Webhook } from '../../engine/model/index.ts'
import type { RequestEvents } from '../../engine/ports/index.ts'
import { EngineError, notFound } from '../../errors.ts'
import { requirePermission } from '../../http/auth.ts'
import { readVendorBody } from '../../http/body.ts'
import { createSurface } from '../../http/create-surface.ts'
import { parseUlid, parseUuid } from '../../http/ids.ts'
import { toJsonText } from '../../http/json-source.ts'
import { readQuery } from '../../http/query.ts'
import { seen } from '../../http/seen.ts'
import type { SurfaceContext, SurfaceEnv } from '../../http/surface.ts'
import { visibleWebhooks } from '../../http/visible-webhooks.ts'
import { PAGE } from '../../limits.ts'
import type { IsLocal } from './endpoint.ts'
import { errors, fieldNames } from './errors.ts'
import { toEventResponse } from './event.ts'
import { PageQuery, RequestQuery, readEventQuery, readWebhookQuery } from './query.ts'
import { CreateWebhook, UpdateWebhook } from './schema.ts'
import { toChanges, toDivertedResponse, toNewWebhook, toWebhookResponse } from './translate.ts'

export const id = 'socotra'

const WEBHOOKS = '/:tenantLocator/webhooks'
// With a pattern, `list` is not taken for a locator.
const WEBHOOK = `${WEBHOOKS}/:webhookLocator{[0-9A-Za-z]{26}}` as const
const DIVERTED = `${WEBHOOK}/diverted` as const
const DIVERTED_EVENT = `${DIVERTED}/:eventLocator{[0-9A-Za-z]{26}}` as const
const EVENTS = '/:tenantLocator/events'

const webhooksOf = (c: SurfaceContext) => visibleWebhooks(c, { dialect: id })

const getWebhook = (c: SurfaceContext, locator: string): Promise<Webhook> =>
  webhooksOf(c).get(parseUlid(locator))

const isLocalFor =
  (c: SurfaceContext): IsLocal =>
  (url) =>
    c.env.privateTargetsAllowed && c.env.isPrivateTarget(url)

/** The path of another tenant reads like that of none. */
const ownTenant: MiddlewareHandler<SurfaceEnv> = async (c, next) => {
  const tenantId = parseUuid(c.req.param('tenantLocator') ?? '', 'tenant')
  if (tenantId !== c.get('principal').tenantId) throw notFound('tenant')
  await next()
}

/** Answers with payloads as their producers wrote them. */
const answer = (c: SurfaceContext, value: unknown): Response =>
  c.body(toJsonText(value), 200, { 'content-type': 'application/json' })

export const routes = createSurface({
  errors,
  fieldNames,
  routes: (app) =>
    app
      .use('/:tenantLocator/*', ownTenant)
      .post(WEBHOOKS, requirePermission('webhooks:write'), async (c) => {
        const body = await readVendorBody(c.req.raw, CreateWebhook)
        const webhook = await webhooksOf(c).create(toNewWebhook(body, isLocalFor(c)))
        return c.json(toWebhookResponse(webhook, c.get('principal')))
      })
      .get(`${WEBHOOKS}/list`, requirePermission('webhooks:read', 'webhooks:list'), async (c) => {
        const { filter, offset, count } = readWebhookQuery(c.req.url)
        const found = await webhooksOf(c).list(filter, { limit: count + 1, offset })
        const shown = found.slice(0, count)
        const items = shown.map((webhook) => toWebhookResponse(webhook, c.get('principal')))
        return c.json({ listCompleted: found.length <= count, items })
      })
      .get(WEBHOOK, requirePermission('webhooks:read'), async (c) => {
        const webhook = await getWebhook(c, c.req.param('webhookLocator'))
        return c.json(toWebhookResponse(webhook, c.get('principal')))
      })
      .patch(WEBHOOK, requirePermission('webhooks:write'), async (c) => {
        const webhookId = parseUlid(c.req.param('webhookLocator'))
        const body = await readVendorBody(c.req.raw, UpdateWebhook)
        const webhook = await webhooksOf(c).update(webhookId, (current) =>
          toChanges(body, current, isLocalFor(c)),
        )
        return c.json(toWebhookResponse(webhook, c.get('principal')))
      })
      .patch(`${WEBHOOK}/unsuspend`, requirePermission('webhooks:write'), async (c) => {
        const webhook = await getWebhook(c, c.req.param('webhookLocator'))
        await seen(c).webhooks.resume(webhook)
        return c.body(null, 204)
      })
      .delete(WEBHOOK, requirePermission('webhooks:write'), async (c) => {
        await webhooksOf(c).delete(parseUlid(c.req.param('webhookLocator')))
        return c.body(null, 204)
      })
      .get(
        DIVERTED,
        requirePermission('diverted-events:read', 'diverted-events:list'),
        async (c) => {
          const webhook = await getWebhook(c, c.req.param('webhookLocator'))
          return c.json(await listDiverted(c, webhook, readQuery(c.req.url, PageQuery)))
        },
      )
      .get(DIVERTED_EVENT, requirePermission('diverted-events:read'), async (c) => {
        const { webhookLocator, eventLocator } = c.req.param()
        const webhook = await getWebhook(c, webhookLocator)
        const eventId = parseUlid(eventLocator, 'diverted event')
        return c.json(toDivertedResponse(await seen(c).webhooks.getDiverted(webhook, eventId)))
      })
      .delete(DIVERTED_EVENT, requirePermission('diverted-events:delete'), async (c) => {
        const { webhookLocator, eventLocator } = c.req.param()
        const webhook = await getWebhook(c, webhookLocator)
        const eventId = parseUlid(eventLocator, 'diverted event')
        await seen(c).webhooks.deleteDiverted(webhook, eventId)
        return c.json({})
      })
      .post(`${DIVERTED_EVENT}/resend`, requirePermission('diverted-events:resend'), async (c) => {
        const { webhookLocator, eventLocator } = c.req.param()
        const webhook = await getWebhook(c, webhookLocator)
        const eventId = parseUlid(eventLocator, 'diverted event')
        await seen(c).webhooks.resendOneDiverted(webhook, eventId)
        return c.json({})
      })
      .get(`${EVENTS}/list`, requirePermission('events:read', 'events:list'), async (c) => {
        const { tenantId } = c.get('principal')
        const { query, tokenAfter } = readEventQuery(c.req.url)
        const { items, nextCursor } = await seen(c).events.list(tenantId, {
          ...query,
          withoutSystem: true,
        })
        const events = items.map((event) => toEventResponse(event, tenantId))
        return answer(c, { pagingToken: tokenAfter(nextCursor), events })
      })
      .get(`${EVENTS}/request/:requestId`, requirePermission('events:read'), async (c) => {
        const { tenantId } = c.get('principal')
        const requestId = parseUlid(c.req.param('requestId'), 'request')
        const { items, more } = await listByRequest(c, requestId)
        const events = items.map((event) => toEventResponse(event, tenantId))
        const last = events.at(-1)
        // The array has no place to say so (RFC 8288, a target relative to what was asked).
        if (more && last) c.header('link', `<?after=${last.locator}>; rel="next"`)
        return answer(c, events)
      })
      .get(
        `${EVENTS}/:eventLocator{[0-9A-Za-z]{26}}`,
        requirePermission('events:read'),
        async (c) => {
          const { tenantId } = c.get('principal')
          const eventId = parseUlid(c.req.param('eventLocator'), 'event')
          const event = await seen(c).events.get(tenantId, eventId)
          if (isSystemEventType(event.type)) throw notFound('event')
          return answer(c, toEventResponse(event, tenantId))
        },
      ),
})

/** Read page by page, of which only what is shown is kept: their payloads would not fit in memory together. */
async function listDiverted(
  c: SurfaceContext,
  webhook: Webhook,
  { offset, count }: { readonly offset: number; readonly count: number },
): Promise<readonly ReturnType<typeof toDivertedResponse>[]> {
  const shown: ReturnType<typeof toDivertedResponse>[] = []
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

/** What a request caused. An event of no known request shows itself as one, and is found under it. */
async function listByRequest(c: SurfaceContext, requestId: string): Promise<RequestEvents> {
  const { events } = seen(c)
  const { tenantId } = c.get('principal')
  const { after } = readQuery(c.req.url, RequestQuery)
  const caused = await events.listByRequest(tenantId, requestId, after)
  if (after !== null) return caused
  try {
    const event = await events.get(tenantId, requestId)
    const isOwn = event.requestId === null && !isSystemEventType(event.type)
    return isOwn ? { ...caused, items: [event, ...caused.items] } : caused
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') return caused
    throw error
  }
}
