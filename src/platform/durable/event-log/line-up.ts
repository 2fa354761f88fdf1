// What comes in order, on its way to the monitors of its webhooks, one call after the other until each has taken it. Only the log that
// accepted it knows the order.

import {
  asPublished,
  type Event,
  isExpunged,
  type LoggedEvent,
  type Ordering,
  type Webhook,
} from '../../../engine/model/index.ts'
import type { OrderedDeliveries } from '../../../engine/ports/index.ts'
import { LOG } from '../../../tuning.ts'
import { inTime } from '../in-time.ts'
import type { CopiedWebhook } from './copy-store.ts'
import type { MonitorSurroundings } from './erased-monitors.ts'
import type { OrderedBacklog, OrderedEvent } from './ordered-events.ts'
import type { EventLogStores } from './stores.ts'
import type { Snapshot } from './webhook-copy.ts'

/** Deliveries that one call hands over. */
const STEP_DELIVERIES = 50
/** Monitors that are called at the same time. */
const AT_ONCE = 20

interface Around {
  readonly tenantId: string
  /** Which log this is. */
  readonly log: string
  readonly find: (eventId: string) => LoggedEvent | null
  /** Null: it was deleted. */
  readonly webhookOf: (webhookId: string) => Pick<Webhook, 'name' | 'pins'> | null
  /** Resolves with the number up to which the monitor has taken them. */
  readonly lineUp: (deliveries: OrderedDeliveries) => Promise<number>
}

/**
 * Hands over all that waits, of each webhook one call after the other. Resolves with whether some is left, which its monitor has no
 * room for now; rejects, once all others were handed over, where a monitor did not answer.
 */
export async function handOverInOrder(backlog: OrderedBacklog, around: Around): Promise<boolean> {
  const failures: unknown[] = []
  let isAnyLeft = false
  for (let behind = ''; ; ) {
    const webhookIds: string[] = []
    for (let id = backlog.next(behind); id !== null && webhookIds.length < AT_ONCE; ) {
      webhookIds.push(id)
      behind = id
      id = backlog.next(id)
    }
    if (webhookIds.length === 0) break
    const done = await Promise.allSettled(webhookIds.map((id) => handOver(id, backlog, around)))
    for (const one of done) {
      if (one.status === 'rejected') failures.push(one.reason)
      else isAnyLeft ||= one.value
    }
  }
  if (failures.length > 0) throw failures[0]
  return isAnyLeft
}

/** All of one webhook; whether some is left. */
async function handOver(
  webhookId: string,
  backlog: OrderedBacklog,
  around: Around,
): Promise<boolean> {
  const ref = { tenantId: around.tenantId, id: webhookId }
  for (;;) {
    const rows = backlog.first(webhookId, STEP_DELIVERIES)
    const last = rows.at(-1)
    if (last === undefined) return false
    const webhook = around.webhookOf(webhookId)
    const deliveries = webhook === null ? [] : readable(rows, around)
    const [first] = deliveries
    if (webhook === null || first === undefined) {
      backlog.remove(webhookId, last.number)
      continue
    }
    const upTo = await around.lineUp({ ref, log: around.log, webhook, deliveries })
    if (upTo < first.number) return true
    backlog.remove(webhookId, upTo)
  }
}

/** With their events, as many as one call carries; what has no content any more ends as its erasure says. */
function readable(rows: readonly OrderedEvent[], { find }: Pick<Around, 'find'>) {
  const deliveries: { number: number; event: Event; ordering: Ordering }[] = []
  let chars = 0
  for (const { number, eventId, ordering } of rows) {
    const found = find(eventId)
    if (found === null || isExpunged(found)) continue
    const event = asPublished(found)
    deliveries.push({ number, event, ordering })
    chars += event.data.length
    if (chars >= LOG.readChars) break
  }
  return deliveries
}

/** Hands over what waits in a log. */
export async function handOverOwn(
  { ordered, events, copy }: Pick<EventLogStores, 'ordered' | 'events' | 'copy'>,
  webhooks: () => Promise<Snapshot<CopiedWebhook> | null>,
  { MONITORS }: MonitorSurroundings,
  log: string,
): Promise<boolean> {
  const { tenantId } = copy
  if (tenantId === null || ordered.next('') === null) return false
  const all = (await webhooks())?.webhooks ?? []
  const byId = new Map(all.map(({ sealed }) => [sealed.id, sealed]))
  return handOverInOrder(ordered, {
    ...{ tenantId, log },
    find: (id) => events.find(id),
    webhookOf: (id) => byId.get(id) ?? null,
    lineUp: (deliveries) => inTime(MONITORS.getByName(deliveries.ref.id).lineUp(deliveries)),
  })
}
