// What the monitor decided becomes known. In: an operational event; out: the configuration's state, an event in the
// tenant, and for an exhaustion one POST to the webhook's alertUrl.

import { formatTime, formatTimeOrNull } from '../../primitives/time.ts'
import { withHttpSignature } from '../attempt/http-signature.ts'
import { standardHeaders, withCustomHeaders } from '../attempt/request.ts'
import { logUnavailable, type Target, toTarget } from '../attempt/target.ts'
import { BY_SYSTEM, writeDown } from '../audit/trail.ts'
import type { AuditedChange, Event, Header, Webhook } from '../model/index.ts'
import { isSystemEventType } from '../model/index.ts'
import type { OperationalEvent, Ports, Wire } from '../ports/index.ts'
import { noteForMail } from './notices.ts'
import { tellOperator } from './operator-notices.ts'

type NotificationPorts = Pick<
  Ports,
  | 'clock'
  | 'log'
  | 'tenants'
  | 'webhooks'
  | 'audit'
  | 'eventLog'
  | 'monitor'
  | 'events'
  | 'dialectRuntimes'
  | 'settings'
  | 'send'
  | 'background'
  | 'notices'
  | 'mail'
>

const UNTOLD = { isTroubled: true, isHeld: false }

/** Makes an operational event known; rejects when it must come again. `again`: it may have been made known before. */
export async function publishOperationalEvent(
  operationalEvent: OperationalEvent,
  again: boolean,
  ports: NotificationPorts,
): Promise<void> {
  const { tenantId, webhookId, exhausted, failing } = operationalEvent
  // The report could not write it, perhaps: this is the last chance.
  if (exhausted === null) {
    // Of a message that a former version wrote: whoever is told too much loses nothing.
    const state = { ...UNTOLD, ...operationalEvent.state }
    await ports.webhooks.setState({ tenantId, id: webhookId }, state)
    await ports.eventLog(tenantId).noteState(webhookId, state)
    if (operationalEvent.type === 'webhook.suspended') {
      await writeDown([toAudited(operationalEvent)], BY_SYSTEM, ports)
    }
  }
  // System events never trigger themselves: giving one up is no news.
  const isOwn = exhausted !== null && isSystemEventType(exhausted.eventType)
  const publishes = !isOwn && operationalEvent.alertOnly !== true
  if (publishes)
    await ports.events.send(tenantId, [toSystemEvent(operationalEvent)], { redelivered: again })
  const [webhook] = await ports.webhooks.findByRef([{ tenantId, id: webhookId }])
  if (webhook === undefined) return
  if (publishes) {
    const { id, type: kind, at } = operationalEvent
    await noteForMail(operationalEvent, ports)
    await tellOperator({ id, kind, at, exhausted, failing, webhook }, again, ports)
  }
  if (exhausted === null) return
  // Last, and each time: before, something failed that made it come again, so that nobody was alerted yet.
  const target = toTarget(webhook, ports)
  ports.background(alert(operationalEvent, exhausted, target, ports))
}

/** A suspension by Hookline itself; the same entry however often it is told. */
function toAudited({ id, tenantId, webhookId, reason }: OperationalEvent) {
  const change: AuditedChange = {
    tenantId,
    action: 'webhook.suspended',
    target: { kind: 'webhook', id: webhookId, name: null },
    changes: [{ field: 'reason', after: reason }],
  }
  return { id, change }
}

/** The event a tenant's webhooks can subscribe to (docs/contracts/delivery.md, "System events"). */
function toSystemEvent(operationalEvent: OperationalEvent): Event {
  const { id, type, at, webhookId, reason, cause, counts, exhausted, failing } = operationalEvent
  const about = exhausted && {
    eventId: exhausted.eventId,
    eventType: exhausted.eventType,
    diverted: exhausted.diverted,
  }
  const sinceWhen = failing && {
    failingSince: formatTime(failing.failingSince),
    suspendsAt: formatTimeOrNull(failing.suspendsAt),
  }
  return {
    id,
    type,
    time: new Date(at).toISOString(),
    data: JSON.stringify({ webhookId, reason, cause, ...counts, ...sinceWhen, ...about }),
    scope: {},
    actor: null,
    requestId: null,
  }
}

async function alert(
  operationalEvent: OperationalEvent,
  exhausted: NonNullable<OperationalEvent['exhausted']>,
  target: Target,
  ports: NotificationPorts,
): Promise<void> {
  const { webhook, dialectRuntime, unavailableReason } = target
  const { alertUrl, timeoutMs } = target.failureHandling
  if (alertUrl === null) return
  // Nothing is sent that cannot be written or signed, and an alert does not wait.
  if (dialectRuntime === null || unavailableReason !== null) return logUnavailable(target, ports)
  const { wire } = dialectRuntime
  const body = wire.alert({ ...exhausted, webhook })
  const now = ports.clock()
  const unsigned = {
    method: 'POST',
    url: alertUrl,
    headers: await alertHeaders(operationalEvent.id, body, webhook, wire, now),
    body,
  } as const
  const headers = await withHttpSignature(unsigned, webhook, now, ports)
  const outcome = await ports.send({ url: alertUrl, headers, body, timeoutMs })
  const { statusCode, durationMs } = outcome
  ports.log({
    event: 'alert',
    webhookId: webhook.id,
    outcome: outcome.kind,
    statusCode,
    durationMs,
  })
}

/** An alert is signed by its own secrets where its dialect has such, else by the webhook's. */
async function alertHeaders(
  id: string,
  body: string,
  webhook: Webhook,
  wire: Wire,
  now: number,
): Promise<readonly Header[]> {
  const own = await wire.alertSecrets?.(webhook, body)
  const secrets = { ...webhook.secrets, ...own }
  return withCustomHeaders(
    own?.headers ?? [],
    await standardHeaders(id, { body }, { secrets }, now),
  )
}
