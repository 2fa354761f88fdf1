// The webhooks that a caller may see and touch: what it may see anywhere, made on this surface and, where a vendor says
// so, by this user alone. Whatever else exists reads like what does not exist.

import type { Webhook, WebhookDraft, WebhookOutline } from '../engine/model/index.ts'
import type { WebhookFilter, WebhookPage } from '../engine/ports/index.ts'
import { notFound } from '../errors.ts'
import { PAGE } from '../limits.ts'
import { seen } from './seen.ts'
import type { SurfaceContext } from './surface.ts'

/** `owner` undefined: every user of the tenant; null: what was made without a user. */
export type View = Pick<WebhookFilter, 'owner'> & { readonly dialect: string }

/** What a surface decides about a new webhook; the rest has a neutral default. */
export type NewWebhook = Pick<WebhookDraft, 'url' | 'eventTypes'> &
  Partial<Omit<WebhookDraft, 'dialect' | 'owner'>>

type Filter = Omit<WebhookFilter, 'tenantId' | 'dialect' | 'owner'>

export interface VisibleWebhooks {
  /** Its owner is the caller's subject. Throws `conflict` when the unique key is taken, `invalid` for a refused target. */
  create(webhook: NewWebhook): Promise<Webhook>
  /** Throws `not_found`. */
  get(id: string): Promise<Webhook>
  /** In order of creation. */
  list(filter: Filter, page: WebhookPage): Promise<readonly Webhook[]>
  /** All of them, in order of creation, for vendors whose list has no pages. */
  all(): Promise<readonly Webhook[]>
  /** Like `list`, for answers that show nothing of the secrets: they stay closed. */
  outlines(filter: Filter, page: WebhookPage): Promise<readonly WebhookOutline[]>
  /** Like `all`, for such answers. */
  allOutlines(): Promise<readonly WebhookOutline[]>
  count(filter?: Filter): Promise<number>
  /** Atomically replaces the fields that `change` returns. Throws `not_found`, `invalid`, `conflict`. */
  update(id: string, change: (current: Webhook) => Partial<WebhookDraft>): Promise<Webhook>
  /** Returns what was deleted. Throws `not_found`. */
  delete(id: string): Promise<Webhook>
}

/** The webhooks that the authenticated call `c` may see through `view`. */
export function visibleWebhooks(c: SurfaceContext, view: View): VisibleWebhooks {
  const { webhooks } = seen(c)
  const { tenantId, subject } = c.get('principal')

  function visible(webhook: Webhook): Webhook {
    const mine =
      webhook.dialect === view.dialect && (view.owner === undefined || webhook.owner === view.owner)
    if (!mine) throw notFound('webhook')
    return webhook
  }
  const within = (filter: Filter): WebhookFilter => ({ ...filter, ...view, tenantId })
  const get = async (id: string) => visible(await webhooks.get({ tenantId, id }))
  const list = (filter: Filter, page: WebhookPage) => webhooks.list(within(filter), page)
  const outlines = (filter: Filter, page: WebhookPage) =>
    webhooks.listOutlines(within(filter), page)

  return {
    get,
    create: (webhook) =>
      webhooks.create(tenantId, {
        ...defaults,
        ...webhook,
        dialect: view.dialect,
        owner: subject,
      }),
    list,
    outlines,
    all: () => readAll((page) => list({}, page)),
    allOutlines: () => readAll((page) => outlines({}, page)),
    count: (filter = {}) => webhooks.count(within(filter)),
    update: (id, change) =>
      webhooks.update({ tenantId, id }, (current) => ({
        ...current,
        ...change(visible(current)),
      })),
    // Dialect and owner of a webhook never change, so looking first is safe.
    delete: async (id) => webhooks.delete(await get(id)),
  }
}

async function readAll<T extends { readonly id: string }>(
  read: (page: WebhookPage) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const all: T[] = []
  for (;;) {
    const found = await read({ limit: PAGE.maxLimit, after: all.at(-1)?.id })
    all.push(...found)
    if (found.length < PAGE.maxLimit) return all
  }
}

const defaults = {
  uniqueKey: null,
  name: null,
  scope: {},
  enabled: true,
  failureHandling: null,
  attributes: {},
  secrets: { signing: [], headers: [], attributes: {} },
} satisfies Partial<WebhookDraft>
