// Socotra's JSON to the model and back.

import type {
  DivertedEvent,
  Principal,
  SigningSecret,
  Webhook,
  WebhookDraft,
  WebhookSecrets,
} from '../../engine/model/index.ts'
import { invalid } from '../../errors.ts'
import { uuidToUlid } from '../../http/ids.ts'
import type { NewWebhook } from '../../http/visible-webhooks.ts'
import { WEBHOOK } from '../../limits.ts'
import { formatTime, formatTimeOrNull } from '../../primitives/time.ts'
import {
  BLANK,
  type Endpoint,
  type IsLocal,
  nextEndpoint,
  toAdditions,
  toEndpointResponse,
} from './endpoint.ts'
import { requestLocator } from './event.ts'
import {
  type AlertEndpoint,
  type Failing,
  fromStoredAlert,
  newFailing,
  nextFailing,
  toFailureHandlingResponse,
  toStoredAlert,
} from './failure-handling.ts'
import { removeThenAdd } from './remove-then-add.ts'
import type { DivertedEventResponse, WebhookResponse } from './responses.ts'
import type { CreateWebhook, UpdateWebhook } from './schema.ts'

/** Unix milliseconds. */
const LONG_AGO = 0

const DEFAULT: Failing = { handling: null, alert: null }
const NO_SECRETS: WebhookSecrets = { signing: [], headers: [], attributes: {} }

export function toNewWebhook(body: CreateWebhook, isLocal: IsLocal): NewWebhook {
  const { name, enabled, endpoint: asked, failureHandling, useAutomationPlugin } = body
  const place = { path: ['endpoint'], headers: 'headers' } as const
  const endpoint = nextEndpoint(BLANK, toAdditions(asked), place, isLocal)
  const { handling, alert } = failureHandling ? newFailing(failureHandling, isLocal) : DEFAULT
  return {
    name,
    enabled,
    url: endpoint.url,
    eventTypes: removeThenAdd([], null, body.eventTypes),
    failureHandling: handling,
    attributes: {
      secureSsl: endpoint.secureSsl,
      useAutomationPlugin: useAutomationPlugin ?? null,
    },
    secrets: toSecrets(endpoint, alert, NO_SECRETS),
  }
}

/** What an update makes of the present webhook: removals first, then additions. Throws `invalid`. */
export function toChanges(
  body: UpdateWebhook,
  current: Webhook,
  isLocal: IsLocal,
): Partial<WebhookDraft> {
  const changes = {
    name: body.name ?? current.name,
    enabled: body.enabled ?? current.enabled,
    eventTypes: nextEventTypes(current, body),
  }
  const { url, attributes } = current
  const place = { path: ['endpoint'], headers: 'addHeaders' } as const
  if (!namesSecrets(body)) {
    const present = { ...BLANK, url, secureSsl: attributes.secureSsl !== false }
    const next = body.endpoint ? nextEndpoint(present, body.endpoint, place, isLocal) : present
    return { ...changes, url: next.url, attributes: { ...attributes, secureSsl: next.secureSsl } }
  }
  const present = endpointOf(current)
  const endpoint = body.endpoint ? nextEndpoint(present, body.endpoint, place, isLocal) : present
  const failing = body.removeFailureHandling ? DEFAULT : failingOf(current)
  const { handling, alert } = body.failureHandling
    ? nextFailing(failing, body.failureHandling, isLocal)
    : failing
  return {
    ...changes,
    url: endpoint.url,
    failureHandling: handling,
    attributes: { ...attributes, secureSsl: endpoint.secureSsl },
    secrets: toSecrets(endpoint, alert, current.secrets),
  }
}

/**
 * Whether an update is about what is encrypted at rest, an alert endpoint included. Any other leaves that closed, so
 * that it works while nothing opens it.
 */
function namesSecrets({
  endpoint,
  failureHandling,
  removeFailureHandling,
}: UpdateWebhook): boolean {
  const { hmacEnabled, secret, tag, addHeaders, removeHeaders } = endpoint ?? {}
  const ofEndpoint = [hmacEnabled, secret, tag, addHeaders, removeHeaders]
  return (
    Boolean(failureHandling || removeFailureHandling) || ofEndpoint.some((named) => named != null)
  )
}

function nextEventTypes(
  { eventTypes }: Webhook,
  { removeEventTypes, addEventTypes }: UpdateWebhook,
): readonly string[] {
  const next = removeThenAdd(eventTypes, removeEventTypes, addEventTypes)
  if (next.length === 0) {
    throw invalid(['removeEventTypes'], 'A webhook must keep at least one event type.')
  }
  if (next.length > WEBHOOK.eventTypes) {
    throw invalid(
      ['addEventTypes'],
      `A webhook may have at most ${WEBHOOK.eventTypes} event types.`,
    )
  }
  return next
}

/** The endpoint of a webhook. What signs is the model's to say, also when `/v1` changed it. */
export function endpointOf({ url, attributes, secrets }: Webhook): Endpoint {
  const [newest] = secrets.signing
  return {
    url,
    hmacEnabled: newest !== undefined && newest.expiresAt === null,
    secret: newest?.secret ?? null,
    secureSsl: attributes.secureSsl !== false,
    tag: secrets.attributes.tag ?? null,
    headers: secrets.headers,
  }
}

/** What happens when deliveries to a webhook fail. */
export function failingOf({ failureHandling, secrets }: Webhook): Failing {
  const alertUrl = failureHandling?.alertUrl ?? null
  return {
    handling: failureHandling,
    alert: fromStoredAlert(alertUrl, secrets.attributes.alertEndpoint),
  }
}

/**
 * A secret that does not sign is kept for when it shall: among those that sign, as one that expired long ago, so that
 * whoever sets or clears secrets by `/v1` does it to this one too.
 */
function toSecrets(
  { hmacEnabled, secret, tag, headers }: Endpoint,
  alert: AlertEndpoint | null,
  current: WebhookSecrets,
): WebhookSecrets {
  const { tag: _, alertEndpoint: __, ...others } = current.attributes
  return {
    signing: nextSigning(secret, hmacEnabled, current.signing),
    headers,
    attributes: {
      ...others,
      ...(tag !== null && { tag }),
      ...(alert !== null && { alertEndpoint: toStoredAlert(alert) }),
    },
  }
}

function nextSigning(
  secret: string | null,
  signs: boolean,
  [present, ...former]: readonly SigningSecret[],
): readonly SigningSecret[] {
  if (secret === null) return []
  if (!signs) return [{ secret, expiresAt: LONG_AGO }]
  // The present secret stays with those that a rotation left to sign beside it.
  return [{ secret, expiresAt: null }, ...(present?.secret === secret ? former : [])]
}

/** Its secrets are for whoever may read webhooks, also in the answer to a change. */
export function toWebhookResponse(
  webhook: Webhook,
  { permissions }: Pick<Principal, 'permissions'>,
): WebhookResponse {
  const mayRead = permissions.includes('webhooks:read')
  return {
    locator: uuidToUlid(webhook.id),
    name: webhook.name,
    enabled: webhook.enabled,
    endpoint: toEndpointResponse(endpointOf(webhook), mayRead),
    failureHandling: toFailureHandlingResponse(failingOf(webhook), mayRead),
    suspended: webhook.suspendedAt !== null,
    suspendedAt: formatTimeOrNull(webhook.suspendedAt),
    eventTypes: [...webhook.eventTypes],
  }
}

export function toDivertedResponse({
  event,
  trigger,
  message,
  divertedAt,
}: DivertedEvent): DivertedEventResponse {
  return {
    eventLocator: uuidToUlid(event.id),
    requestLocator: requestLocator(event),
    failureMessage: message,
    failureTimestamp: formatTime(divertedAt),
    failureTrigger: String(trigger),
  }
}
