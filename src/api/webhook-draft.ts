// What a webhook shall be: as a request makes it, or as one changes it.

import { failureHandlingOf } from '../engine/attempt/failure-handling.ts'
import {
  type Expressions,
  type FailureHandling,
  type HttpSignature,
  isPull,
  NO_EXPRESSIONS,
  PULL_URL,
  sourcesOf,
  type Webhook,
  type WebhookDraft,
  type WebhookNotes,
  type WebhookSecrets,
} from '../engine/model/index.ts'
import type { DialectRuntimes } from '../engine/ports/index.ts'
import { invalid } from '../errors.ts'
import { checkPermissions } from '../http/auth.ts'
import { toHeaderLines } from '../http/header-lines.ts'
import type { SurfaceContext } from '../http/surface.ts'
import { MASK } from '../primitives/mask.ts'
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
  const { url = PULL_URL, pull, eventTypes, enabled, name, scope, headers, failureHandling } = input
  const base = handlingOf({ dialect: nativeDialect, failureHandling: null })
  return {
    dialect: nativeDialect,
    owner,
    uniqueKey: null,
    name: name ?? null,
    ...(pull && { pull }),
    url,
    eventTypes,
    ...notesIn(input),
    scope: scope ?? {},
    version: input.version,
    expressions: expressionsIn(input),
    enabled,
    paused: input.paused,
    rate: input.rate,
    verificationMethod: input.verification,
    order: input.order,
    batch: input.batch,
    httpSignature: input.httpSignature ?? null,
    deleteAfterIdleSeconds: input.deleteAfterIdleSeconds,
    failureHandling: failureHandling ? fillFailureHandling(failureHandling, base) : null,
    attributes: {},
    secrets: {
      signing: secret === null ? [] : [{ secret, expiresAt: null }],
      headers: toHeaderLines(headers ?? {}, []),
      attributes: {},
      ...valuesIn(input, {}),
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
  if (input.pull != null && input.pull !== isPull(current)) {
    throw invalid(['pull'], 'It cannot be changed. Create another webhook.')
  }
  return {
    ...current,
    url: input.url ?? current.url,
    eventTypes: input.eventTypes ?? current.eventTypes,
    enabled: input.enabled ?? current.enabled,
    paused: input.paused ?? undefined,
    rate: input.rate,
    verificationMethod: input.verification,
    order: input.order,
    batch: input.batch,
    httpSignature: nativeSignatureIn(input, current),
    deleteAfterIdleSeconds:
      input.deleteAfterIdleSeconds === undefined
        ? current.deleteAfterIdleSeconds
        : input.deleteAfterIdleSeconds,
    name: name === undefined ? current.name : name,
    ...notesIn(input),
    scope: scope === undefined ? current.scope : (scope ?? {}),
    version: input.version,
    expressions: nativeExpressionsIn(input, current),
    failureHandling: failureHandling
      ? fillFailureHandling(failureHandling, handling)
      : failureHandling === undefined
        ? current.failureHandling
        : null,
    secrets: namesSecrets(input) ? nextSecrets(input, current) : secrets,
  }
}

/** Throws `invalid` for a webhook whose surface has none: it says itself what a webhook gets. */
function nativeExpressionsIn(input: PatchWebhook, { dialect }: Webhook) {
  const expressions = expressionsIn(input)
  const [named] = sourcesOf({ ...NO_EXPRESSIONS, ...expressions })[0] ?? []
  const field = named ?? (expressions?.format ? ['format'] : undefined)
  if (field === undefined || dialect === nativeDialect) return expressions
  throw invalid(field, `Only webhooks of the dialect ${nativeDialect} have a ${field[0]}.`)
}

/** The same of an HTTP signature; as it is where the input names none. */
function nativeSignatureIn({ httpSignature }: PatchWebhook, current: Webhook) {
  if (httpSignature === undefined) return current.httpSignature
  if (httpSignature === null || current.dialect === nativeDialect) return httpSignature
  const message = `Only webhooks of the dialect ${nativeDialect} have a httpSignature.`
  throw invalid(['httpSignature'], message)
}

/** Those that an input names; null is none. Undefined where it names none. */
function expressionsIn(input: PatchWebhook): Partial<Expressions> | undefined {
  const { filter, body, headerExpressions, pathExpression, queryExpressions, format } = input
  const named = {
    ...(filter !== undefined && { filter }),
    ...(body !== undefined && { body }),
    ...(headerExpressions !== undefined && { headers: headerExpressions ?? {} }),
    ...(pathExpression !== undefined && { path: pathExpression }),
    ...(queryExpressions !== undefined && { query: queryExpressions ?? {} }),
    ...(format !== undefined && { format }),
  }
  return Object.keys(named).length === 0 ? undefined : named
}

/** The secret values that an input names, with `stored` in place of masks. Throws `invalid`, naming the value. */
function valuesIn(
  { secretValues }: PatchWebhook,
  stored: Readonly<Record<string, string>>,
): Pick<WebhookSecrets, 'values'> {
  if (secretValues === undefined) return {}
  const values = Object.entries(secretValues ?? {}).map(([name, given]) => {
    if (given !== MASK) return [name, given]
    const kept = Object.hasOwn(stored, name) ? stored[name] : undefined
    if (kept !== undefined) return [name, kept]
    const message = `"${MASK}" stands for a stored value, but none is stored for this name.`
    throw invalid(['secretValues', name], message)
  })
  return { values: Object.fromEntries(values) }
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

/** Throws `forbidden` for who names another business than before in whose name requests are signed, and may not. */
export function checkUcpAgent(
  c: SurfaceContext,
  { httpSignature }: Pick<PatchWebhook, 'httpSignature'>,
  current: HttpSignature | null | undefined,
): void {
  const agentOf = (signature: HttpSignature | null | undefined) =>
    signature?.profile === 'ucp' ? signature.ucpAgent : null
  const agent = agentOf(httpSignature)
  if (agent !== null && agent !== agentOf(current)) checkPermissions(c, ['ucp-agent:write'])
}

function changesSigning({ secret, signing }: PatchWebhook): boolean {
  return secret !== undefined || signing !== undefined
}

/** Whether a change is about secrets; any other hands them on unopened, so that it works while nothing opens them. */
function namesSecrets(change: PatchWebhook): boolean {
  const { headers, secretValues } = change
  return changesSigning(change) || headers !== undefined || secretValues !== undefined
}

function nextSecrets(input: PatchWebhook, current: Webhook): WebhookSecrets {
  const { secrets } = current
  const { headers } = input
  return {
    ...secrets,
    ...valuesIn(input, secrets.values ?? {}),
    signing: nextSigning(input, current),
    headers:
      headers === undefined ? secrets.headers : toHeaderLines(headers ?? {}, secrets.headers),
  }
}
