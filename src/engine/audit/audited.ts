// The engine's calls that change something, each noting what it changed once it is done.

import type { Notices } from '../api/notices.ts'
import type { Administration, Events, Jobs, PortalLinks, Webhooks } from '../api.ts'
import type {
  AuditAction,
  AuditTargetKind,
  EventTypes,
  FieldChange,
  Job,
  Webhook,
} from '../model/index.ts'
import type { WebhookRef } from '../ports/index.ts'
import { changesOfEventType, changesOfTenant, changesOfWebhook } from './changed-fields.ts'
import type { NoteChange } from './trail.ts'

/** Notes a change of what `kind`, `id` and `name` say. */
function noting(note: NoteChange) {
  return (
    tenantId: string | null,
    action: AuditAction,
    [kind, id, name = null]: readonly [kind: AuditTargetKind, id: string, name?: string | null],
    changes: readonly FieldChange[] = [],
  ) => note({ tenantId, action, target: { kind, id, name }, changes })
}

const only = (field: string, value: string | null): readonly FieldChange[] =>
  value === null ? [] : [{ field, after: value }]

export function auditedWebhooks(webhooks: Webhooks, note: NoteChange): Webhooks {
  const noteThat = noting(note)
  const started = async <Receipt extends { readonly jobId: string }>(
    kind: Job['kind'],
    { tenantId, id }: WebhookRef,
    start: Promise<Receipt>,
  ) => {
    const receipt = await start
    noteThat(tenantId, 'job.started', ['job', receipt.jobId, kind], only('webhookId', id))
    return receipt
  }
  return {
    ...webhooks,
    async create(tenantId, draft) {
      const webhook = await webhooks.create(tenantId, draft)
      noteThat(tenantId, 'webhook.created', ['webhook', webhook.id, webhook.name])
      return webhook
    },
    async update(ref, change) {
      let before: Webhook | null = null
      const after = await webhooks.update(ref, (current) => {
        before = current
        return change(current)
      })
      const changes = before === null ? [] : changesOfWebhook(before, after)
      if (changes.length > 0) {
        const action = actionOf(changes)
        noteThat(ref.tenantId, action, ['webhook', ref.id, after.name], changes)
      }
      return after
    },
    async delete(ref) {
      const deleted = await webhooks.delete(ref)
      noteThat(ref.tenantId, 'webhook.deleted', ['webhook', ref.id, deleted.name])
      return deleted
    },
    async rotateSecret(ref, options) {
      const secret = await webhooks.rotateSecret(ref, options)
      const grace = only('gracePeriodSeconds', String(options.gracePeriodSeconds))
      noteThat(ref.tenantId, 'webhook.secret_rotated', ['webhook', ref.id], grace)
      return secret
    },
    async resume(ref) {
      await webhooks.resume(ref)
      noteThat(ref.tenantId, 'webhook.resumed', ['webhook', ref.id])
    },
    async verify(ref) {
      const webhook = await webhooks.verify(ref)
      noteThat(ref.tenantId, 'webhook.verification_asked', ['webhook', ref.id, webhook.name])
      return webhook
    },
    async skipBlocked(ref, key) {
      await webhooks.skipBlocked(ref, key)
      noteThat(ref.tenantId, 'webhook.key_skipped', ['webhook', ref.id], only('key', key))
    },
    async expungeAttempt(ref, attempt) {
      await webhooks.expungeAttempt(ref, attempt)
      const target = ['attempt', attempt.id] as const
      noteThat(ref.tenantId, 'attempt.expunged', target, only('webhookId', ref.id))
    },
    async deleteDiverted(ref, eventId) {
      await webhooks.deleteDiverted(ref, eventId)
      const target = ['diverted_event', eventId] as const
      noteThat(ref.tenantId, 'diverted_event.deleted', target, only('webhookId', ref.id))
    },
    resendOneDiverted: (ref, eventId) =>
      started('resend', ref, webhooks.resendOneDiverted(ref, eventId)),
    resendDiverted: (ref, query) => started('resend', ref, webhooks.resendDiverted(ref, query)),
    async cancel(ref, filter) {
      const done = await webhooks.cancel(ref, filter)
      const count = only('deliveries', String(done.cancelled))
      noteThat(ref.tenantId, 'webhook.deliveries_cancelled', ['webhook', ref.id], count)
      return done
    },
    replay: (ref, query) => started('replay', ref, webhooks.replay(ref, query)),
  }
}

/** A webhook that was switched and nothing else has an action of its own. */
function actionOf(changes: readonly FieldChange[]): AuditAction {
  const [first] = changes
  if (changes.length > 1 || first?.field !== 'enabled') return 'webhook.updated'
  return first.after === 'true' ? 'webhook.enabled' : 'webhook.disabled'
}

export function auditedEvents(events: Events, note: NoteChange): Events {
  const noteThat = noting(note)
  return {
    ...events,
    async resend(tenantId, id, webhookId, among) {
      const queued = await events.resend(tenantId, id, webhookId, among)
      const about = [...only('webhookId', webhookId), ...only('webhooks', String(queued))]
      noteThat(tenantId, 'event.resent', ['event', id], about)
      return queued
    },
    async cancel(tenantId, id) {
      const cancelled = await events.cancel(tenantId, id)
      noteThat(tenantId, 'event.cancelled', ['event', id])
      return cancelled
    },
    async expunge(tenantId, ids) {
      await events.expunge(tenantId, ids)
      for (const id of ids) noteThat(tenantId, 'event.expunged', ['event', id])
    },
  }
}

export function auditedJobs(jobs: Jobs, note: NoteChange): Jobs {
  return {
    ...jobs,
    async cancel(tenantId, id) {
      await jobs.cancel(tenantId, id)
      noting(note)(tenantId, 'job.cancelled', ['job', id])
    },
  }
}

export function auditedEventTypes(eventTypes: EventTypes, note: NoteChange): EventTypes {
  const noteThat = noting(note)
  return {
    ...eventTypes,
    async save(drafts, options) {
      if (options.isTrial) return eventTypes.save(drafts, options)
      const { types } = await eventTypes.catalogue()
      const saved = await eventTypes.save(drafts, options)
      for (const { type } of saved) {
        const before = types.get(type.name)
        const changes = before ? changesOfEventType(before, type) : []
        if (before && changes.length === 0) continue
        const action = before ? 'event_type.updated' : 'event_type.created'
        noteThat(null, action, ['event_type', type.name, type.name], changes)
      }
      return saved
    },
    async delete(name) {
      await eventTypes.delete(name)
      noteThat(null, 'event_type.deleted', ['event_type', name, name])
    },
  }
}

export function auditedAdministration(given: Administration, note: NoteChange): Administration {
  const noteThat = noting(note)
  return {
    ...given,
    async createTenant(draft) {
      const tenant = await given.createTenant(draft)
      noteThat(tenant.id, 'tenant.created', ['tenant', tenant.id, tenant.name])
      return tenant
    },
    async createMissingTenants(uids) {
      const answer = await given.createMissingTenants(uids)
      for (const { id, name } of answer.made) {
        noteThat(id, 'tenant.created', ['tenant', id, name])
      }
      return answer
    },
    async updateTenant(id, change) {
      const before = await given.getTenant(id)
      const after = await given.updateTenant(id, change)
      const changes = changesOfTenant(before, after)
      if (changes.length > 0) noteThat(id, 'tenant.updated', ['tenant', id, after.name], changes)
      return after
    },
    async deleteTenant(id) {
      const { name } = await given.getTenant(id)
      const receipt = await given.deleteTenant(id)
      noteThat(null, 'tenant.deleted', ['tenant', id, name], only('jobId', receipt.jobId))
      return receipt
    },
    async eraseEvents(tenantId, request) {
      const receipt = await given.eraseEvents(tenantId, request)
      noteThat(tenantId, 'tenant.erased', ['tenant', tenantId], only('jobId', receipt.jobId))
      return receipt
    },
    async createKey(tenantId, draft, grantable) {
      const made = await given.createKey(tenantId, draft, grantable)
      const { id, name, permissions } = made.key
      noteThat(tenantId, 'key.created', ['key', id, name], permitting(permissions))
      return made
    },
    async deleteKey(tenantId, id) {
      const deleted = await given.deleteKey(tenantId, id)
      noteThat(tenantId, 'key.deleted', ['key', id, deleted.name])
      return deleted
    },
    async expireKey(tenantId, id, expiresAt) {
      const expired = await given.expireKey(tenantId, id, expiresAt)
      const at = only('expiresAt', new Date(expiresAt).toISOString())
      noteThat(tenantId, 'key.expired', ['key', id, expired.name], at)
      return expired
    },
    async createOperatorKey(draft) {
      const made = await given.createOperatorKey(draft)
      const { id, name, permissions } = made.key
      noteThat(null, 'operator_key.created', ['operator_key', id, name], permitting(permissions))
      return made
    },
    async deleteOperatorKey(id) {
      const deleted = await given.deleteOperatorKey(id)
      noteThat(null, 'operator_key.deleted', ['operator_key', id, deleted.name])
      return deleted
    },
    async createTemplate(draft) {
      const template = await given.createTemplate(draft)
      noteThat(null, 'template.created', ['template', template.id, template.name])
      return template
    },
    async reencryptSecrets() {
      const receipt = await given.reencryptSecrets()
      noteThat(null, 'job.started', ['job', receipt.jobId, 'reencrypt'])
      return receipt
    },
    async cancelJob(id) {
      await given.cancelJob(id)
      noteThat(null, 'job.cancelled', ['job', id])
    },
  }
}

export function auditedPortalLinks(links: PortalLinks, note: NoteChange): PortalLinks {
  const noteThat = noting(note)
  return {
    ...links,
    async create(tenantId, draft, grantable) {
      const made = await links.create(tenantId, draft, grantable)
      const { id, name, permissions } = made.link.key
      noteThat(tenantId, 'portal_link.created', ['portal_link', id, name], permitting(permissions))
      return made
    },
    async revoke(tenantId, id) {
      const revoked = await links.revoke(tenantId, id)
      noteThat(tenantId, 'portal_link.revoked', ['portal_link', id, revoked.name])
      return revoked
    },
    async open(code) {
      const opened = await links.open(code)
      if (opened.state === 'opened') {
        const { id, tenantId, name } = opened.link.key
        noteThat(tenantId, 'portal_link.opened', ['portal_link', id, name])
      }
      return opened
    },
  }
}

/** An address is a person's: that it was changed is written down, and not what it is. */
export function auditedNotices(notices: Notices, note: NoteChange): Notices {
  return {
    ...notices,
    async setAddress(tenantId, address) {
      const before = (await notices.addressesOf([tenantId])).get(tenantId)
      await notices.setAddress(tenantId, address)
      if ((before?.address ?? null) === address) return
      const target = ['tenant', tenantId] as const
      noting(note)(tenantId, 'tenant.updated', target, [{ field: 'noticeEmail' }])
    },
  }
}

const permitting = (permissions: readonly string[]) => only('permissions', permissions.join(', '))
