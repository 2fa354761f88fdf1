// What a webhook shall be: as a request makes it, or as one changes it.

import { failureHandlingOf } from '../engine/attempt/failure-handling.ts'
import type {
  FailureHandling,
  Webhook,
  WebhookDraft,
  WebhookNotes,
  WebhookSecrets,
} from '../engine/model/index.ts'
import type { DialectRuntimes } from '../engine/ports/index.ts'
import { invalid } from '../errors.ts'
import { checkPermissions } from '../http/auth.ts'
import { toHeaderLines } from '../http/header-lines.ts'
import type { SurfaceContext } from '../http/surface.ts'
import { nativeDialect } from './native-wire.ts'
import { fillFailureHandling } from './schema/failure-handling.ts'
import type { CreateWebhook, PatchWebhook } from './schema/webhook.ts'
import { nextSigning } from './signing.ts'

type HandlingOf = (webhook: Pick<Webhook, 'failureHandling' | 'dialect'>) => FailureHandling

/** `dialectRuntimes` knows the failure handling of webhooks that have none of their own. */
export function handlingBy(dialectRuntimes: DialectRuntimes): HandlingOf {
  return (webhook) => failureHandlingOf(webhook, dialectRuntimes)
}

/** A new webhook. Throws `invalid`. */
export function toWebhookDraft(
  input: CreateWebhook,
  { secret, owner }: { readonly secret: string | null; readonly owner: string | null },
  handlingOf: HandlingOf,
): WebhookDraft {
  const { url, eventTypes, enabled, name, scope, headers, failureHandling } = input
  const base = handlingOf({ dialect: nativeDialect, failureHandling: null })
  return {
    dialect: nativeDialect,
    owner,
    uniqueKey: null,
    name: name ?? null,
    url,
    eventTypes,
    ...notesIn(input),
    scope: scope ?? {},
    version: input.version,
    filter: input.filter,
    body: input.body,
    enabled,
    paused: input.paused,
    rate: input.rate,
    failureHandling: failureHandling ? fillFailureHandling(failureHandling, base) : null,
    attributes: {},
    secrets: {
      signing: secret === null ? [] : [{ secret, expiresAt: null }],
      headers: toHeaderLines(headers ?? {}, []),
      attributes: {},
    },
  }
}

/** What a webhook shall be: `current` with what the input says, the fields of its dialect untouched. */
export function toPatched(
  input: PatchWebhook,
  current: Webhook,
  handling: FailureHandling,
): WebhookDraft {
  const { name, scope, failureHandling } = input
  const { secrets } = current
  return {
    ...current,
    url: input.url ?? current.url,
    eventTypes: input.eventTypes ?? current.eventTypes,
    enabled: input.enabled ?? current.enabled,
    paused: input.paused ?? undefined,
    rate: input.rate,
    name: name === undefined ? current.name : name,
    ...notesIn(input),
    scope: scope === undefined ? current.scope : (scope ?? {}),
    version: input.version,
    ...expressionsIn(input, current),
    failureHandling: failureHandling
      ? fillFailureHandling(failureHandling, handling)
      : failureHandling === undefined
        ? current.failureHandling
        : null,
    secrets: namesSecrets(input) ? nextSecrets(input, current) : secrets,
  }
}

/** Throws `invalid` for a webhook whose surface has none: it says itself what a webhook gets. */
function expressionsIn({ filter, body }: PatchWebhook, { dialect }: Webhook) {
  const field = filter ? 'filter' : 'body'
  if ((!filter && !body) || dialect === nativeDialect) return { filter, body }
  throw invalid([field], `Only webhooks of the dialect ${nativeDialect} have a ${field}.`)
}

/** What an input says beside the rest; null clears. */
function notesIn({
  uid,
  description,
  metadata,
  channels,
}: Pick<PatchWebhook, keyof WebhookNotes>): Partial<WebhookNotes> {
  return {
    ...(uid !== undefined && { uid }),
    ...(description !== undefined && { description }),
    ...(metadata !== undefined && { metadata: metadata ?? {} }),
    ...(channels !== undefined && { channels: channels ?? [] }),
  }
}

/** Throws `forbidden` for a change of what requests are signed with by who may not. */
export function checkPatch(c: SurfaceContext, change: PatchWebhook): void {
  if (changesSigning(change)) checkPermissions(c, ['webhook-secrets:write'])
}

function changesSigning({ secret, signing }: PatchWebhook): boolean {
  return secret !== undefined || signing !== undefined
}

/** Whether a change is about secrets; any other hands them on unopened, so that it works while nothing opens them. */
function namesSecrets(change: PatchWebhook): boolean {
  return changesSigning(change) || change.headers !== undefined
}

function nextSecrets(input: PatchWebhook, current: Webhook): WebhookSecrets {
  const { secrets } = current
  const { headers } = input
  return {
    ...secrets,
    signing: nextSigning(input, current),
    headers:
      headers === undefined ? secrets.headers : toHeaderLines(headers ?? {}, secrets.headers),
  }
}
