// What whoever runs Hookline is told about the webhooks of all tenants: events of the operations tenant, in the words of the
// webhook's dialect. In: what happened to a webhook; out: an event in the queue, where that tenant is and the dialect has a word for it.

import { describeError } from '../../errors.ts'
import { newId } from '../../primitives/ids.ts'
import type { Webhooks } from '../api.ts'
import { OPERATIONS_TENANT, type SystemEventType, type Webhook } from '../model/index.ts'
import type { OperationalEvent, OperatorNotice, Ports } from '../ports/index.ts'

type NoticePorts = Pick<Ports, 'tenants' | 'monitor' | 'events' | 'dialectRuntimes'>

/** What happened; the rest of the notice is looked up. */
interface Happening extends Pick<OperatorNotice, 'kind' | 'at'> {
  /** UUIDv7; becomes the id of the event. */
  readonly id: string
  readonly webhook: Pick<Webhook, 'id' | 'tenantId' | 'uid' | 'dialect'>
  readonly exhausted?: OperationalEvent['exhausted']
  readonly failing?: OperationalEvent['failing']
}

/**
 * Tells of it, where there is somebody to be told. `again`: it may have been told before. Rejects where it cannot be looked up or
 * stored.
 */
export async function tellOperator(
  { id, kind, at, webhook, exhausted, failing }: Happening,
  again: boolean,
  ports: NoticePorts,
): Promise<void> {
  const toEvent = ports.dialectRuntimes(webhook.dialect)?.operatorEvent
  // What goes wrong with these messages themselves is no news to send by them.
  if (toEvent === undefined || webhook.tenantId === OPERATIONS_TENANT.id) return
  if ((await ports.tenants.find(OPERATIONS_TENANT.id)) === null) return
  const monitor = ports.monitor(webhook.id)
  const tenant = await ports.tenants.find(webhook.tenantId)
  const eventId = exhausted?.eventId ?? failing?.eventId
  const last = eventId && (await monitor.attempts({ eventId, limit: 1 })).items[0]
  const isSuspension = kind === 'webhook.suspended'
  const failingSince = isSuspension ? (await monitor.health()).health.failingSince : null
  const told = toEvent({
    ...{ kind, at, webhook, failingSince, tenantUid: tenant?.uid ?? null },
    failed: eventId ? { eventId, lastAttempt: last || null } : null,
  })
  const event = {
    ...{ id, type: told.type, data: JSON.stringify(told.data), time: new Date(at).toISOString() },
    ...{ scope: {}, actor: null, requestId: null },
  }
  await ports.events.send(OPERATIONS_TENANT.id, [event], { redelivered: again })
}

/** The same webhooks, of whose changes the operator is told: by the way, so that no change fails because of it. */
export function tellingOperator(
  webhooks: Webhooks,
  ports: NoticePorts & Pick<Ports, 'clock' | 'log' | 'background'>,
): Webhooks {
  const tell = async (kind: Exclude<OperatorNotice['kind'], SystemEventType>, webhook: Webhook) => {
    const at = ports.clock()
    try {
      await tellOperator({ id: newId(at), kind, at, webhook }, false, ports)
    } catch (error) {
      ports.log({ event: 'operator.untold', webhookId: webhook.id, error: describeError(error) })
    }
  }
  const telling = async (kind: Parameters<typeof tell>[0], done: Promise<Webhook>) => {
    const webhook = await done
    ports.background(tell(kind, webhook))
    return webhook
  }
  return {
    ...webhooks,
    create: (tenantId, draft) => telling('webhook.created', webhooks.create(tenantId, draft)),
    update: (ref, change) => telling('webhook.updated', webhooks.update(ref, change)),
    delete: (ref) => telling('webhook.deleted', webhooks.delete(ref)),
  }
}
