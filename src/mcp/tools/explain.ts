// A tool that tells why an event did not arrive: what became of it at a webhook, or at all of them, why, and what to do.

import { z } from 'zod'
import { ALL_CAUSES, describeCause } from '../../engine/diagnosis/diagnose.ts'
import { DELIVERY_STATUSES, UNMATCHED_REASONS } from '../../engine/model/index.ts'
import { orNull, type V1 } from '../../http/v1.ts'
import { MCP } from '../bounds.ts'
import { REASONS, STATUSES } from '../meanings.ts'
import {
  cursorInput,
  EventFacts,
  idInput,
  NextCursor,
  pageShape,
  ReadAttempt,
  ReadDelivery,
  ReadWebhook,
  readEvent,
  searchOf,
  writtenInAttempt,
  writtenInDelivery,
} from '../shapes.ts'
import { tool } from '../tool.ts'
import { partOf, type Written } from '../untrusted.ts'

const Unmatched = z.object({
  webhookId: z.string(),
  reasons: z.array(z.enum(UNMATCHED_REASONS)),
  detail: z.string().nullable(),
})
type Unmatched = z.infer<typeof Unmatched>

const Explained = z.object({
  deliveries: z.array(ReadDelivery),
  unmatched: pageShape(Unmatched),
})

const MEANS = z.string().describe('What that means.')
const TODO = z.string().describe('What to do about it.')

const DeliveryExplained = z.object({
  webhookId: z.string(),
  status: z.enum(DELIVERY_STATUSES),
  means: MEANS,
  todo: TODO,
  attempts: z.int(),
  lastAttemptAt: z.string().nullable(),
  statusCode: z.int().nullable(),
  nextAttemptAt: z.string().nullable(),
  cause: z.enum(ALL_CAUSES).nullable().describe('Why the last attempt failed; null if none did.'),
  causeMeans: z.string(),
  causeTodo: z.string(),
  webhookNow: z.enum(['active', 'disabled', 'suspended', 'deleted', 'unknown']),
  isPaused: z.boolean(),
})

const NotForExplained = z.object({
  webhookId: z.string(),
  reasons: z.array(z.enum(UNMATCHED_REASONS)),
  means: MEANS,
  todo: TODO,
})

const explainDelivery = tool({
  name: 'explain_delivery',
  title: 'Explain a missing delivery',
  description:
    'Says what became of an event at a webhook, or at all of them: whether it was delivered, why not, and what to do. Begin here when an event did not arrive.',
  needs: ['events:read', 'webhooks:read'],
  whenCut: 'ask about one webhook alone (`webhookId`)',
  input: z.strictObject({
    eventId: idInput('event'),
    webhookId: idInput('webhook')
      .optional()
      .describe('The webhook that lacks it. If absent, all webhooks.'),
    cursor: cursorInput.optional(),
  }),
  facts: z.object({
    event: EventFacts,
    deliveries: z
      .array(DeliveryExplained)
      .describe('Webhooks that it was for, or was sent to later.'),
    deliveriesLeftOut: z.int().describe('How many more there are: ask for one by its `webhookId`.'),
    notFor: z.array(NotForExplained).describe('Webhooks that it was not for.'),
    nextCursor: NextCursor,
  }),
  async run({ input: { eventId, webhookId, cursor }, v1 }) {
    const ask = (page: { readonly limit: number; readonly cursor?: string | undefined }) =>
      v1.text(`/events/${eventId}${searchOf({ unmatched: 'true', ...page })}`)
    const limit = webhookId === undefined ? MCP.items : 250
    const text = await ask({ limit, cursor })
    const event = readEvent(text)
    const { deliveries: all, unmatched } = Explained.parse(JSON.parse(text))
    const asked = all
      .filter((one) => webhookId === undefined || isSame(one.webhookId, webhookId))
      .toSorted((a, b) => Number(isFine(a)) - Number(isFine(b)))
    const shown = asked.slice(0, MCP.askedWebhooks)
    const deliveries = await Promise.all(shown.map((delivery) => explain(delivery, eventId, v1)))
    const search = webhookId !== undefined && asked.length === 0 ? webhookId : null
    const found = search === null ? null : await findUnmatched(search, { unmatched, ask, v1 })
    const notFor = webhookId === undefined ? unmatched.items : found === null ? [] : [found]
    return {
      says: summaryOf(event.facts, asked, notFor),
      facts: {
        event: event.facts,
        deliveries: deliveries.map(({ facts }) => facts),
        deliveriesLeftOut: asked.length - shown.length,
        notFor: notFor.map(excuse),
        nextCursor: webhookId === undefined ? unmatched.nextCursor : null,
      },
      untrusted: [
        partOf('event', event.written),
        ...deliveries.map(({ part }) => part),
        ...notFor.filter(({ detail }) => detail !== null).map(partOfUnmatched),
      ],
    }
  },
})

const isSame = (id: string, other: string) => id === other.toLowerCase()
const isDelivered = ({ status }: ReadDelivery) => status === 'delivered'
const isPullable = ({ status }: ReadDelivery) => status === 'pullable'
/** Whether nothing failed that would be to explain. */
const isFine = (delivery: ReadDelivery) => isDelivered(delivery) || isPullable(delivery)

interface Search {
  readonly unmatched: { readonly items: readonly Unmatched[]; readonly nextCursor: string | null }
  readonly ask: (page: { readonly limit: number; readonly cursor: string }) => Promise<string>
  readonly v1: V1
}

/** Why an event was not for a webhook. Null where that is not told; throws `Refusal` where there is no such webhook. */
async function findUnmatched(
  webhookId: string,
  { unmatched, ask, v1 }: Search,
): Promise<Unmatched | null> {
  await v1.get(`/webhooks/${webhookId}`, ReadWebhook)
  let page = unmatched
  for (let pages = 1; ; pages += 1) {
    const found = page.items.find((one) => isSame(one.webhookId, webhookId))
    if (found !== undefined) return found
    if (page.nextCursor === null || pages === MCP.unmatchedPages) return null
    const text = await ask({ limit: 250, cursor: page.nextCursor })
    page = Explained.parse(JSON.parse(text)).unmatched
  }
}

interface Explanation {
  readonly facts: z.infer<typeof DeliveryExplained>
  readonly part: Written
}

async function explain(delivery: ReadDelivery, eventId: string, v1: V1): Promise<Explanation> {
  const { url, error: _, reason: __, ...facts } = delivery
  const [attempt, webhook] = isFine(delivery)
    ? [null, null]
    : await Promise.all([lastAttempt(delivery, eventId, v1), webhookOf(delivery, v1)])
  const cause = attempt?.diagnosis?.cause ?? null
  const said = cause === null ? null : describeCause(cause, attempt?.statusCode ?? null)
  const now = webhook?.status ?? (url === null && !isFine(delivery) ? 'deleted' : 'unknown')
  const { means, todo } = STATUSES[delivery.status]
  return {
    facts: {
      ...facts,
      means,
      todo: [todo, NOW[now]].filter((text) => text !== '').join(' '),
      cause,
      causeMeans: said?.explanation ?? '',
      causeTodo: said?.remedy ?? '',
      webhookNow: now,
      isPaused: webhook?.paused ?? false,
    },
    part: partOf(`delivery to ${delivery.webhookId}`, {
      ...writtenInDelivery(delivery),
      ...(attempt && { lastAttempt: writtenInAttempt(attempt, url) }),
    }),
  }
}

/** What the webhook’s present state adds to what is to be done. */
const NOW: Readonly<Record<z.infer<typeof DeliveryExplained>['webhookNow'], string>> = {
  active: '',
  unknown: '',
  disabled: 'The webhook is disabled: its owner can enable it.',
  suspended:
    'The webhook is suspended: once the cause is gone, its owner resumes it, on its page in the console or with POST /v1/webhooks/{id}/resume.',
  deleted: 'The webhook was deleted, so nothing is sent to it any more.',
}

/** Null: there was none, or it is kept no more. */
async function lastAttempt(
  { webhookId, attempts, url }: ReadDelivery,
  eventId: string,
  v1: V1,
): Promise<ReadAttempt | null> {
  if (attempts === 0 || url === null) return null
  const page = await orNull(() =>
    v1.get(
      `/webhooks/${webhookId}/attempts${searchOf({ eventId, limit: 1 })}`,
      pageShape(ReadAttempt),
    ),
  )
  return page?.items[0] ?? null
}

/** As it is now; null once it is deleted. */
function webhookOf({ webhookId }: ReadDelivery, v1: V1) {
  return orNull(() => v1.get(`/webhooks/${webhookId}`, ReadWebhook))
}

function excuse({ webhookId, reasons }: Unmatched): z.infer<typeof NotForExplained> {
  const meanings = reasons.map((reason) => REASONS[reason])
  return {
    webhookId,
    reasons,
    means: meanings.map(({ means }) => means).join(' '),
    todo: meanings.map(({ todo }) => todo).join(' '),
  }
}

function partOfUnmatched({ webhookId, detail }: Unmatched): Written {
  return partOf(`why it was not for ${webhookId}`, { detail })
}

function summaryOf(
  { state, deliverAt }: z.infer<typeof EventFacts>,
  deliveries: readonly ReadDelivery[],
  notFor: readonly Unmatched[],
): string {
  if (state === 'scheduled')
    return `The event is scheduled for ${deliverAt}: nothing is sent before.`
  if (state === 'cancelled')
    return 'The event was cancelled before its time, and is sent to nobody.'
  const [there, ready] = [deliveries.filter(isDelivered), deliveries.filter(isPullable)]
  const pulling = ready.length === 0 ? '' : `, and lies ready to be pulled at ${ready.length}`
  const counts = `It was for ${deliveries.length} of the webhooks asked about, ${there.length} of which have it${pulling}`
  const others = notFor.length === 0 ? '.' : `, and not for ${notFor.length}.`
  if (deliveries.length + notFor.length > 0) return `${counts}${others}`
  return 'There is no webhook that this key sees, or none that it is known of.'
}

export const explainTools = [explainDelivery]
