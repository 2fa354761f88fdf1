// Why an event was not for a webhook, as that was when the event was accepted. In: the webhooks as they are copied, and what is known
// of them then; out: a page of those to which the event was never sent.

import { mismatches } from '../../../engine/intake/match.ts'
import {
  failureFor,
  isCancelled,
  isExpunged,
  type LoggedEvent,
  type UnmatchedReason,
  type UnmatchedWebhook,
} from '../../../engine/model/index.ts'
import type { DialectRuntimes, UnmatchedQuery } from '../../../engine/ports/index.ts'
import type { Cut } from '../../../primitives/pack.ts'
import { cutPage } from '../page.ts'
import { type CopiedWebhook, toOpen } from './copy-store.ts'
import type { rulesAt } from './webhook-history.ts'

/** The webhooks of a tenant, and how they were at one moment. */
interface WebhooksThen {
  readonly webhooks: readonly CopiedWebhook[]
  readonly rulesAt: (webhook: CopiedWebhook) => ReturnType<typeof rulesAt>
}

interface Page extends Pick<UnmatchedQuery, 'owners' | 'limit'> {
  /** The webhook behind which the page begins. */
  readonly after: string | null
}

/** In order of the webhooks' ids. */
export function whyUnmatched(
  then: WebhooksThen,
  event: LoggedEvent,
  { owners, limit, after }: Page,
  dialectRuntimes: DialectRuntimes,
): Cut<UnmatchedWebhook> {
  const wasFor = new Set([...event.webhookIds, ...(event.pullWebhookIds ?? [])])
  const others = then.webhooks
    .filter(
      ({ sealed: { id, owner } }) =>
        !wasFor.has(id) &&
        (after === null || id > after) &&
        (owners === undefined || owners.includes(owner)),
    )
    .toSorted((a, b) => (a.sealed.id < b.sealed.id ? -1 : 1))
  const whyNot = (webhook: CopiedWebhook): Omit<UnmatchedWebhook, 'webhookId'> => {
    if (isCancelled(event)) return { reasons: ['cancelled'] }
    const rules = then.rulesAt(webhook)
    if (typeof rules === 'string') return { reasons: [rules] }
    const former = { ...toOpen(webhook.sealed, webhook.state), ...rules }
    const mismatched = mismatches(former, event, dialectRuntimes)
    // What its content decided is not known once that is expunged.
    const found = isExpunged(event) ? mismatched.filter(isWithoutContent) : mismatched
    // By what is noted it was for the webhook: what is noted is not how it was.
    if (found.length === 0) return { reasons: ['unknown'] }
    const failure = found.includes('version') ? failureFor(event, former) : null
    return { reasons: found, ...(failure !== null && { detail: failure }) }
  }
  const answered = others
    .slice(0, limit + 1)
    .map((webhook) => ({ webhookId: webhook.sealed.id, ...whyNot(webhook) }))
  return cutPage(answered, limit)
}

/** Whether it follows from what is left of an expunged event. */
function isWithoutContent(reason: UnmatchedReason): boolean {
  return reason === 'disabled' || reason === 'event_type'
}
