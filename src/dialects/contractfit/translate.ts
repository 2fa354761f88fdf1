// Contract.fit's JSON to the model and back.

import type { Header, Principal, Scope, Webhook, WebhookDraft } from '../../engine/model/index.ts'
import { toHeaderLines, valuesByName } from '../../http/header-lines.ts'
import type { NewWebhook } from '../../http/visible-webhooks.ts'
import { MASK } from '../../primitives/mask.ts'
import type { CreateIntegration, Integration, UpdateIntegration } from './schema.ts'

const HTTP = /^https?:/i
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i
/** An IPv6 address without its brackets; whether it is legal is asked of the URL it makes. */
const BARE_IPV6 = /^[0-9a-f.]*:[0-9a-f.]*:[0-9a-f.:]*$/i

/** Names of headers whose values are not shown: these and no others (docs/contracts/contractfit.md, "Headers"). */
const SECRET_NAME = /^(?:authorization|cookie)$|token|secret|key|signature/i

export function toNewWebhook(body: CreateIntegration): NewWebhook {
  return {
    url: toUrl(body.target),
    eventTypes: body.events,
    scope: { ...toLimits(body) },
    secrets: { signing: [], headers: toHeaderLines(headersOf(body) ?? {}, []), attributes: {} },
  }
}

/** What an update changes of the present webhook; what it does not name stays, null clears. */
export function toChanges(body: UpdateIntegration, current: Webhook): Partial<WebhookDraft> {
  const { secrets } = current
  const { target, events } = body
  const headers = headersOf(body)
  return {
    scope: { ...withoutLimits(current.scope, body), ...toLimits(body) },
    ...(target !== undefined && { url: toUrl(target) }),
    ...(events !== undefined && { eventTypes: events }),
    ...(headers !== undefined && {
      secrets: { ...secrets, headers: toHeaderLines(headers ?? {}, secrets.headers) },
    }),
  }
}

/** Values of headers are for whoever may read webhooks, also in the answer to a change. */
export function toIntegration(
  { id, url, eventTypes, scope, secrets }: Webhook,
  { permissions }: Pick<Principal, 'permissions'>,
): Integration {
  return {
    id,
    type: 'webhook',
    events: [...eventTypes],
    target: url,
    headers: toShownHeaders(secrets.headers, permissions.includes('webhooks:read')),
    inbox: scope.inbox ?? null,
    project: scope.project ?? null,
  }
}

/** The vendor says "a target url or ip address": what has no scheme is a host or an address, and meant for `http`. */
export function toUrl(target: string): string {
  if (HTTP.test(target) || SCHEME.test(target)) return target
  return BARE_IPV6.test(target) ? `http://[${target}]` : `http://${target}`
}

type Limits = Pick<UpdateIntegration, 'inbox' | 'project'>
const LIMITS = ['inbox', 'project'] as const

function toLimits(body: Limits): Scope {
  return Object.fromEntries(LIMITS.flatMap((name) => (body[name] ? [[name, body[name]]] : [])))
}

/** The present scope without what the body names, set or null. */
function withoutLimits(scope: Scope, body: Limits): Scope {
  const named: readonly string[] = LIMITS.filter((name) => body[name] !== undefined)
  return Object.fromEntries(Object.entries(scope).filter(([name]) => !named.includes(name)))
}

function headersOf({ headers, header }: Pick<UpdateIntegration, 'headers' | 'header'>) {
  return headers === undefined ? header : headers
}

/** Lines of one name, which only `/v1` can make, are one value here (RFC 9110, section 5.3). */
function toShownHeaders(lines: readonly Header[], mayRead: boolean): Record<string, string> {
  return Object.fromEntries(
    valuesByName(lines).map(([name, values]) => [
      name,
      SECRET_NAME.test(name) || !mayRead ? MASK : values.join(', '),
    ]),
  )
}
