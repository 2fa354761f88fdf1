// Which fields a change is about. In: what was there and what is there now; out: names of fields, with values where nobody can
// be harmed by them. URLs, texts, scopes and secrets are named alone: an address may be a credential.

import {
  batchOf,
  type EventTypeDefinition,
  expressionsOf,
  type FieldChange,
  isPausedFor,
  orderOf,
  pinOf,
  rateOf,
  type Tenant,
  type Webhook,
} from '../model/index.ts'

/** Characters of a value that is told; ours. */
const VALUE_CHARS = 200

/** The fields of a webhook that differ. */
export function changesOfWebhook(before: Webhook, after: Webhook): readonly FieldChange[] {
  return [
    ...told(before, after, {
      name: ({ name }) => name,
      eventTypes: ({ eventTypes }) => eventTypes.join(', '),
      enabled: ({ enabled }) => String(enabled),
      paused: (webhook) => String(isPausedFor('owner', webhook)),
      rate: (webhook) => JSON.stringify(rateOf(webhook)),
      verification: ({ verification }) => verification?.method ?? null,
      order: (webhook) => JSON.stringify(orderOf(webhook)),
      batch: (webhook) => JSON.stringify(batchOf(webhook)),
      httpSignature: ({ httpSignature }) => JSON.stringify(httpSignature ?? null),
      deleteAfterIdleSeconds: ({ deleteAfterIdleSeconds: seconds }) =>
        seconds == null ? null : String(seconds),
      version: pinOf,
    }),
    ...named(before, after, {
      url: ({ url }) => url,
      scope: ({ scope }) => scope,
      channels: ({ channels }) => channels,
      filter: (webhook) => expressionsOf(webhook).filter,
      body: (webhook) => expressionsOf(webhook).body,
      headerExpressions: (webhook) => expressionsOf(webhook).headers,
      pathExpression: (webhook) => expressionsOf(webhook).path,
      queryExpressions: (webhook) => expressionsOf(webhook).query,
      format: (webhook) => expressionsOf(webhook).format,
      failureHandling: ({ failureHandling }) => failureHandling,
      uid: ({ uid }) => uid,
      description: ({ description }) => description,
      metadata: ({ metadata }) => metadata,
      attributes: ({ attributes }) => attributes,
    }),
    ...secretChanges(before, after),
  ]
}

/** Secrets that cannot be opened are those that were there. */
function secretChanges(before: Webhook, after: Webhook): readonly FieldChange[] {
  if (before.unreadable || after.unreadable) return []
  return named(before.secrets, after.secrets, {
    secret: ({ signing }) => signing,
    headers: ({ headers }) => headers,
    secretAttributes: ({ attributes }) => attributes,
    secretValues: ({ values = {} }) => values,
  })
}

/** The fields of a tenant that differ. */
export function changesOfTenant(before: Tenant, after: Tenant): readonly FieldChange[] {
  return [
    ...told(before, after, {
      name: ({ name }) => name,
      uid: ({ uid }) => uid,
      retentionDays: ({ retentionDays }) => String(retentionDays),
    }),
    ...named(before, after, { metadata: ({ metadata }) => metadata }),
  ]
}

/** The fields of an event type that differ. */
export function changesOfEventType(
  before: EventTypeDefinition,
  after: EventTypeDefinition,
): readonly FieldChange[] {
  return [
    ...told(before, after, {
      archived: ({ archived }) => String(archived),
      group: ({ group }) => group,
      versions: ({ schemas }) => Object.keys(schemas).join(', '),
    }),
    ...named(before, after, {
      description: ({ description }) => description,
      schemas: ({ schemas }) => schemas,
      conversions: ({ conversions }) => conversions,
      examples: ({ examples }) => examples,
    }),
  ]
}

type Readers<Subject, Value> = Readonly<Record<string, (subject: Subject) => Value>>

function told<Subject>(
  before: Subject,
  after: Subject,
  readers: Readers<Subject, string | null>,
): readonly FieldChange[] {
  return Object.entries(readers).flatMap(([field, read]) => {
    const [was, is] = [read(before), read(after)]
    return was === is ? [] : [{ field, before: cut(was), after: cut(is) }]
  })
}

function named<Subject>(
  before: Subject,
  after: Subject,
  readers: Readers<Subject, unknown>,
): readonly FieldChange[] {
  return Object.entries(readers).flatMap(([field, read]) =>
    JSON.stringify(read(before)) === JSON.stringify(read(after)) ? [] : [{ field }],
  )
}

/** A value as an entry has it. */
function cut(value: string | null): string | null {
  if (value === null || value.length <= VALUE_CHARS) return value
  return `${value.slice(0, VALUE_CHARS - 1)}…`
}
