// Webhooks of a tenant, whatever surface they were made on: making, reading, changing, deleting them, and their
// secrets and suspension.

import { failureHandlingOf } from '../engine/attempt/failure-handling.ts'
import type {
  FailureHandling,
  Webhook,
  WebhookDraft,
  WebhookSecrets,
} from '../engine/model/index.ts'
import type { DialectRuntimes } from '../engine/ports/index.ts'
import { invalid } from '../errors.ts'
import { toHeaderLines } from '../http/header-lines.ts'
import { readIdPage } from '../http/pagination.ts'
import { seen } from '../http/seen.ts'
import { CURSORS } from '../primitives/cursor.ts'
import { type Call, call } from './call.ts'
import { json, nothing, optionalJson, query } from './input.ts'
import { nativeDialect } from './native-wire.ts'
import { fillFailureHandling } from './schema/failure-handling.ts'
import { listOf } from './schema/fields.ts'
import {
  CreatedWebhookResponse,
  CreateWebhook,
  PatchWebhook,
  RotateSecret,
  SecretResponse,
  toWebhookResponse,
  WebhookQueryInput,
  WebhookResponse,
} from './schema/webhook.ts'
import { checkSecret, chooseSecret, nextSigning } from './signing.ts'

/** `dialectRuntimes` knows the failure handling of webhooks that have none of their own. */
export function webhookCalls(dialectRuntimes: DialectRuntimes): readonly Call[] {
  const handlingOf = (webhook: Pick<Webhook, 'failureHandling' | 'dialect'>) =>
    failureHandlingOf(webhook, dialectRuntimes)
  const present = (webhook: Webhook) => toWebhookResponse(webhook, handlingOf(webhook), Date.now())

  return [
    call({
      id: 'createWebhook',
      method: 'post',
      path: '/webhooks',
      summary: 'Create a webhook',
      description: 'The secret is returned only in this response.',
      access: ['webhooks:write'],
      takes: json(CreateWebhook),
      status: 201,
      gives: CreatedWebhookResponse,
      refusals: ['limit_reached'],
      handle: async ({ c, input }) => {
        const { tenantId, subject } = c.get('principal')
        const secret = await chooseSecret(input)
        const draft = toDraft(input, { secret, owner: subject }, handlingOf)
        const webhook = await seen(c).webhooks.create(tenantId, draft)
        return { ...(await present(webhook)), secret }
      },
    }),
    call({
      id: 'listWebhooks',
      method: 'get',
      path: '/webhooks',
      summary: 'List webhooks',
      description: 'Returns webhooks in order of creation.',
      access: ['webhooks:read', 'webhooks:list'],
      takes: query(WebhookQueryInput),
      status: 200,
      gives: listOf(WebhookResponse),
      handle: async ({ c, input: { dialect, status, limit, cursor: after } }) => {
        if (dialect !== undefined && dialectRuntimes(dialect) === null) {
          throw invalid(['dialect'], 'Unknown dialect.')
        }
        const filter = { tenantId: c.get('principal').tenantId, dialect, status }
        const page = await readIdPage(CURSORS.webhooks, limit, (limit) =>
          seen(c).webhooks.list(filter, { limit, after }),
        )
        return { ...page, items: await Promise.all(page.items.map(present)) }
      },
    }),
    call({
      id: 'getWebhook',
      method: 'get',
      path: '/webhooks/{webhookId}',
      summary: 'Get a webhook',
      access: ['webhooks:read'],
      takes: nothing,
      status: 200,
      gives: WebhookResponse,
      handle: async ({ c, id }) => {
        const { tenantId } = c.get('principal')
        return present(await seen(c).webhooks.get({ tenantId, id: id('webhookId') }))
      },
    }),
    call({
      id: 'updateWebhook',
      method: 'patch',
      path: '/webhooks/{webhookId}',
      summary: 'Update a webhook',
      description: 'Absent fields stay unchanged; `null` clears a field.',
      access: ['webhooks:write'],
      takes: json(PatchWebhook),
      status: 200,
      gives: WebhookResponse,
      handle: async ({ c, id, input }) => {
        const ref = { tenantId: c.get('principal').tenantId, id: id('webhookId') }
        const change = (current: Webhook) => patch(input, current, handlingOf(current))
        return present(await seen(c).webhooks.update(ref, change))
      },
    }),
    call({
      id: 'deleteWebhook',
      method: 'delete',
      path: '/webhooks/{webhookId}',
      summary: 'Delete a webhook',
      description: 'Nothing more is sent to the webhook, pending retries included.',
      access: ['webhooks:write'],
      takes: nothing,
      status: 204,
      handle: async ({ c, id }) => {
        const { tenantId } = c.get('principal')
        await seen(c).webhooks.delete({ tenantId, id: id('webhookId') })
      },
    }),
    call({
      id: 'rotateSecret',
      method: 'post',
      path: '/webhooks/{webhookId}/rotate-secret',
      summary: 'Rotate the secret of a webhook',
      description:
        'Until the grace period ends, requests are signed with both the new and the previous secret.',
      access: ['webhooks:write'],
      takes: optionalJson(RotateSecret),
      status: 200,
      gives: SecretResponse,
      refusals: ['limit_reached'],
      handle: async ({ c, id, input: { secret: given = null, gracePeriodSeconds } }) => {
        const { webhooks } = seen(c)
        const ref = { tenantId: c.get('principal').tenantId, id: id('webhookId') }
        if (given !== null) checkSecret(given, (await webhooks.get(ref)).dialect)
        const options = { secret: given, gracePeriodSeconds }
        const { secret } = await webhooks.rotateSecret(ref, options)
        return { secret }
      },
    }),
    call({
      id: 'resumeWebhook',
      method: 'post',
      path: '/webhooks/{webhookId}/resume',
      summary: 'Resume a suspended webhook',
      access: ['webhooks:write'],
      takes: nothing,
      status: 204,
      handle: ({ c, id }) => {
        const { tenantId } = c.get('principal')
        return seen(c).webhooks.resume({ tenantId, id: id('webhookId') })
      },
    }),
  ]
}

type HandlingOf = (webhook: Pick<Webhook, 'failureHandling' | 'dialect'>) => FailureHandling

function toDraft(
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
    scope: scope ?? {},
    enabled,
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
function patch(input: PatchWebhook, current: Webhook, handling: FailureHandling): WebhookDraft {
  const { name, scope, failureHandling } = input
  const { secrets } = current
  return {
    ...current,
    url: input.url ?? current.url,
    eventTypes: input.eventTypes ?? current.eventTypes,
    enabled: input.enabled ?? current.enabled,
    name: name === undefined ? current.name : name,
    scope: scope === undefined ? current.scope : (scope ?? {}),
    failureHandling: failureHandling
      ? fillFailureHandling(failureHandling, handling)
      : failureHandling === undefined
        ? current.failureHandling
        : null,
    secrets: namesSecrets(input) ? nextSecrets(input, current) : secrets,
  }
}

/** Whether a change is about secrets; any other hands them on unopened, so that it works while nothing opens them. */
function namesSecrets({ secret, signing, headers }: PatchWebhook): boolean {
  return secret !== undefined || signing !== undefined || headers !== undefined
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
