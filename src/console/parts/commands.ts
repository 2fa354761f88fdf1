// What a page that has nothing to show yet prints to be done next, for a shell, and to whom.

import { publicOrigin } from '../../http/public-url.ts'
import { HOUR_MS } from '../../primitives/time.ts'
import { type ConsoleContext, may } from '../context.ts'
import { presentationOf } from '../presentation.ts'
import type { ShownTenant } from './layout.tsx'

/** One call of the API; `path` is below `/v1`. */
export function commandOf(c: ConsoleContext, method: string, path: string, body: string): string {
  return `curl -X ${method} ${publicOrigin(c)}/v1${path} \\
  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  -d '${body}'`
}

/** Makes a webhook; undefined for who may not. */
export function webhookCommand(c: ConsoleContext, tenant: ShownTenant): string | undefined {
  if (!may(c, 'webhooks:write')) return undefined
  const body = '{"url": "https://example.com/hooks", "eventTypes": ["*"]}'
  return commandOf(c, 'POST', `/tenants/${tenant.id}/webhooks`, body)
}

/** Sends a webhook again what it did not get in the last hour; undefined for who may not. */
export function replayCommand(
  c: ConsoleContext,
  tenant: ShownTenant,
  webhookId: string,
): string | undefined {
  if (!may(c, 'webhooks:write')) return undefined
  const since = new Date(Date.now() - HOUR_MS).toISOString()
  const body = `{"since": "${since}", "onlyMissing": true}`
  return commandOf(c, 'POST', `/tenants/${tenant.id}/webhooks/${webhookId}/replay`, body)
}

/** Sends a webhook a test event; undefined for who may not, and in the portal, whose readers have no token. */
export function testCommand(
  c: ConsoleContext,
  tenant: ShownTenant,
  webhookId: string,
): string | undefined {
  if (!may(c, 'webhooks:write') || !presentationOf(c).showsInternals) return undefined
  return commandOf(c, 'POST', `/tenants/${tenant.id}/webhooks/${webhookId}/test`, '{}')
}

/** Publishes an event; undefined for who may not. */
export function eventCommand(c: ConsoleContext, tenant: ShownTenant): string | undefined {
  if (!may(c, 'events:write')) return undefined
  const body = '{"type": "invoice.paid", "data": {"amount": 12}}'
  return commandOf(c, 'POST', `/tenants/${tenant.id}/events`, body)
}
