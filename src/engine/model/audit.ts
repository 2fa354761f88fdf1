// Who changed what and when: entries of the audit.

/** What can be done to what it concerns. */
export const AUDIT_ACTIONS = [
  'tenant.created',
  'tenant.updated',
  'tenant.erased',
  'tenant.deleted',
  'key.created',
  'key.expired',
  'key.deleted',
  'portal_link.created',
  'portal_link.opened',
  'portal_link.revoked',
  'operator_key.created',
  'operator_key.deleted',
  'webhook.created',
  'webhook.updated',
  'webhook.enabled',
  'webhook.disabled',
  'webhook.secret_rotated',
  'webhook.resumed',
  'webhook.verification_asked',
  'webhook.key_skipped',
  'webhook.suspended',
  'webhook.deliveries_cancelled',
  'webhook.deleted',
  'event.resent',
  'event.expunged',
  'event.cancelled',
  'attempt.expunged',
  'diverted_event.deleted',
  'event_type.created',
  'event_type.updated',
  'event_type.deleted',
  'template.created',
  'job.started',
  'job.cancelled',
] as const
export type AuditAction = (typeof AUDIT_ACTIONS)[number]

export const AUDIT_TARGET_KINDS = [
  'tenant',
  'key',
  'portal_link',
  'operator_key',
  'webhook',
  'event',
  'attempt',
  'diverted_event',
  'event_type',
  'template',
  'job',
] as const
export type AuditTargetKind = (typeof AUDIT_TARGET_KINDS)[number]

/** What was changed. */
interface AuditTarget {
  readonly kind: AuditTargetKind
  readonly id: string
  /** What its owner calls it, of a job what it does; null where it has no name. */
  readonly name: string | null
}

/** A field that was changed, or that says more; its values only where they are harmless, as people read them. */
export interface FieldChange {
  readonly field: string
  /** Absent: it is not told. Null: it had none. */
  readonly before?: string | null | undefined
  readonly after?: string | null | undefined
}

/** Something that was changed. */
export interface AuditedChange {
  /** Null: it concerns no tenant, or one that is gone because of it. */
  readonly tenantId: string | null
  readonly action: AuditAction
  readonly target: AuditTarget
  readonly changes: readonly FieldChange[]
}

export const AUDIT_ACTOR_KINDS = ['administrator', 'operator_key', 'key', 'system'] as const
export const AUDIT_VIAS = ['api', 'console', 'portal', 'system'] as const

/** By whom, and by which way. */
export interface AuditAuthor {
  readonly actor: {
    readonly kind: (typeof AUDIT_ACTOR_KINDS)[number]
    /** Of the key; null where it was none. */
    readonly id: string | null
    /** The user that the key acts for. */
    readonly subject: string | null
  }
  readonly via: (typeof AUDIT_VIAS)[number]
  /** The surface that was asked, by its dialect; null where none was. */
  readonly surface: string | null
}

/** A change as it is written down. */
export interface AuditDraft extends AuditedChange, AuditAuthor {
  /** UUIDv7 of when it was. */
  readonly id: string
}

/** A change as it is read: with what its key was called then. */
export interface AuditEntry extends AuditDraft {
  readonly actor: AuditDraft['actor'] & { readonly name: string | null }
}
