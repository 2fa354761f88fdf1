// What has to be done so that a deployment has what a file says. Pure: in, what is wanted and what there is; out, steps in the order in
// which they can be taken. Next: apply.ts.

import type { Fields, Wanted } from './document.ts'

/** What there is, as the API shows it; null: there is no such thing. */
export interface Present {
  readonly eventTypes: readonly Fields[]
  readonly tenants: ReadonlyMap<string, PresentTenant | null>
  /** Of the tenant whose key is used. */
  readonly webhooks: readonly Fields[]
}

export interface PresentTenant {
  readonly fields: Fields
  readonly webhooks: readonly Fields[]
}

export interface Step {
  readonly action: 'create' | 'update' | 'delete'
  readonly kind: 'event type' | 'tenant' | 'webhook'
  /** `acme`, or of a webhook `acme/billing`. */
  readonly name: string
  /** What changes. */
  readonly fields: readonly string[]
  readonly method: 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** Below `/v1`. */
  readonly path: string
  readonly body?: Fields
}

export interface PlanOptions {
  /** Event types and webhooks that the file does not name go, too. */
  readonly prunes: boolean
  /** What nobody can read back is set anew. */
  readonly setsSecrets: boolean
}

export function planOf(wanted: Wanted, present: Present, options: PlanOptions): readonly Step[] {
  const { eventTypes, tenants = [], webhooks } = wanted
  const types = eventTypes === undefined ? [] : planTypes(eventTypes, present.eventTypes, options)
  const ofTenants = tenants.flatMap((tenant) => {
    const known = present.tenants.get(tenant.uid) ?? null
    const { webhooks: wantedWebhooks, ...fields } = tenant
    const at = `/tenants/${encodeURIComponent(tenant.uid)}`
    const own = wantedWebhooks && {
      wanted: wantedWebhooks,
      known: known?.webhooks ?? [],
      prefix: `${tenant.uid}/`,
    }
    return [
      ...planTenant(fields, known?.fields ?? null, at),
      ...(own ? planWebhooks(own, at, options) : []),
    ]
  })
  const own = webhooks && { wanted: webhooks, known: present.webhooks, prefix: '' }
  const steps = [...types, ...ofTenants, ...(own ? planWebhooks(own, '', options) : [])]
  // What replaces something is there before that goes.
  return [
    ...steps.filter(({ action }) => action !== 'delete'),
    ...steps.filter(({ action }) => action === 'delete'),
  ]
}

/** An event type is saved whole: what the file does not say of it is as if it had never been said. */
const UNSAID_OF_TYPE: Fields = {
  ...{ description: null, group: null, deprecated: false, archived: false, featureFlag: null },
  ...{ check: 'off', schemas: {}, conversions: [], examples: [] },
}

function planTypes(
  wanted: readonly Fields[],
  known: readonly Fields[],
  { prunes }: PlanOptions,
): readonly Step[] {
  const saved = wanted.flatMap((type): Step[] => {
    const name = String(type.name)
    const about = { kind: 'event type', name, method: 'PUT', path: typePath(name) } as const
    const before = known.find((one) => one.name === name)
    if (!before) return [{ ...about, action: 'create', fields: Object.keys(type), body: type }]
    const { name: _, ...said } = type
    // One that there is none of is sent, too, so that the API says so.
    const fields = Object.keys({ ...UNSAID_OF_TYPE, ...said }).filter(
      (field) =>
        !(field in UNSAID_OF_TYPE) || !isSame(said[field] ?? UNSAID_OF_TYPE[field], before[field]),
    )
    return fields.length === 0 ? [] : [{ ...about, action: 'update', fields, body: type }]
  })
  const names = wanted.map(({ name }) => name)
  const gone = prunes ? known.filter(({ name }) => !names.includes(name)) : []
  const deleted = gone.map(({ name }): Step => {
    const about = { action: 'delete', kind: 'event type', fields: [], method: 'DELETE' } as const
    return { ...about, name: String(name), path: typePath(String(name)) }
  })
  return [...saved, ...deleted]
}

const typePath = (name: string) => `/event-types/${encodeURIComponent(name)}`

function planTenant(wanted: Fields, known: Fields | null, path: string): readonly Step[] {
  const about = { kind: 'tenant', name: String(wanted.uid) } as const
  if (known === null) {
    const body = { name: wanted.uid, ...wanted }
    const fields = Object.keys(wanted)
    return [{ ...about, action: 'create', fields, method: 'POST', path: '/tenants', body }]
  }
  const changed = changesOf(wanted, known, () => false)
  if (changed.length === 0) return []
  const body = pick(wanted, changed)
  return [{ ...about, action: 'update', fields: changed, method: 'PATCH', path, body }]
}

interface Webhooks {
  readonly wanted: readonly Fields[]
  readonly known: readonly Fields[]
  /** Before their names. */
  readonly prefix: string
}

function planWebhooks(
  { wanted, known, prefix }: Webhooks,
  at: string,
  { prunes, setsSecrets }: PlanOptions,
): readonly Step[] {
  const saved = wanted.flatMap((webhook): Step[] => {
    const about = { kind: 'webhook', name: `${prefix}${webhook.uid}` } as const
    const before = known.find(({ uid }) => uid === webhook.uid)
    if (!before) {
      const path = `${at}/webhooks`
      const fields = Object.keys(webhook)
      return [{ ...about, action: 'create', fields, method: 'POST', path, body: webhook }]
    }
    const fields = changesOf(webhook, before, (field) => setsSecrets && WRITE_ONLY.includes(field))
    if (fields.length === 0) return []
    const path = `${at}/webhooks/${String(before.id)}`
    const body = pick(webhook, fields)
    return [{ ...about, action: 'update', fields, method: 'PATCH', path, body }]
  })
  const uids = wanted.map(({ uid }) => uid)
  // One without a uid was made by somebody else, and so was one of another surface.
  const gone = known.filter(
    ({ uid, dialect }) => uid !== null && dialect === 'native' && !uids.includes(uid),
  )
  const deleted = (prunes ? gone : []).map(({ id, uid }): Step => {
    const about = { action: 'delete', kind: 'webhook', fields: [], method: 'DELETE' } as const
    return { ...about, name: `${prefix}${String(uid)}`, path: `${at}/webhooks/${String(id)}` }
  })
  return [...saved, ...deleted]
}

/** What is stored and never shown, or not as it was given. */
const WRITE_ONLY: readonly string[] = ['secret', 'headers', 'secretValues']
/** What a field is whose members the file leaves out. */
const UNSAID: Readonly<Record<string, Fields>> = {
  rate: { perSecond: null, perMinute: null, concurrency: null },
  order: { key: null, onFailure: 'continue' },
  batch: { maxWaitMs: 1_000 },
}
/** What null comes to, where that is not null. */
const CLEARED: Readonly<Record<string, unknown>> = {
  ...{ metadata: {}, scope: {}, channels: [], headers: {}, secretValues: {} },
  ...{ headerExpressions: {}, queryExpressions: {} },
}
/** Fields that stay as they are where they are null. */
const NEVER_CLEARED: readonly string[] = ['url', 'pull', 'eventTypes', 'enabled', 'paused']
/** Lists of which the API keeps each item once. */
const EACH_ONCE: readonly string[] = ['eventTypes', 'channels']
/** Of which what is left out stays as it is. */
const IN_PARTS: readonly string[] = ['failureHandling']

/** Fields of which something else is wanted. */
function changesOf(
  wanted: Fields,
  known: Fields,
  isAlways: (field: string) => boolean,
): readonly string[] {
  return Object.entries(wanted).flatMap(([field, value]) => {
    if (isAlways(field)) return [field]
    if (value === null && NEVER_CLEARED.includes(field)) return []
    // Its kind can be compared, and nothing else.
    if (field === 'secret') return kindOf(value) === known.signing ? [] : [field]
    if (WRITE_ONLY.includes(field))
      return isSame(namesOf(value), namesOf(known[field])) ? [] : [field]
    // There is none such: the API says so.
    if (!Object.hasOwn(known, field)) return [field]
    if (IN_PARTS.includes(field)) return isWithin(value, known[field]) ? [] : [field]
    const whole = value === null ? CLEARED[field] : wholeOf(field, value)
    return isSame(whole, wholeOf(field, known[field])) ? [] : [field]
  })
}

/** How requests are signed with a secret. */
function kindOf(secret: unknown): 'hmac' | 'ed25519' | null {
  if (secret === null) return null
  return String(secret).startsWith('whsk_') ? 'ed25519' : 'hmac'
}

/** With what it does not say, in one form. */
function wholeOf(field: string, value: unknown): unknown {
  const unsaid = UNSAID[field]
  // Of an order: all events after one another.
  if (value === 'webhook' && unsaid) return unsaid
  if (EACH_ONCE.includes(field) && Array.isArray(value)) return [...new Set(value)]
  return unsaid && isFields(value) ? { ...unsaid, ...value } : value
}

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, fields[name]]))
}

function namesOf(value: unknown): readonly string[] {
  return isFields(value)
    ? Object.keys(value)
        .map((name) => name.toLowerCase())
        .toSorted()
    : []
}

/** Whether two values of JSON are the same; null and nothing are, but not as members. */
function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, at) => isSame(item, other[at]))
  }
  if (!isFields(one) || !isFields(other)) return (one ?? null) === (other ?? null)
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].every(
    (name) =>
      Object.hasOwn(one, name) && Object.hasOwn(other, name) && isSame(one[name], other[name]),
  )
}

/** Whether everything that the first says is so in the other. */
function isWithin(one: unknown, other: unknown): boolean {
  if (!isFields(one) || !isFields(other)) return isSame(one, other)
  return Object.entries(one).every(([name, value]) => isWithin(value, other[name]))
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
