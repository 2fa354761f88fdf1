// What the store contracts start from.

import type { Key, OperatorKey, Tenant, Webhook } from '../../src/engine/model/index.ts'

/** `n` as a UUID; greater numbers sort later. */
export function uuid(n: number): string {
  return `01940000-0000-7000-8000-${String(n).padStart(12, '0')}`
}

export function aTenant(n: number, fields: Partial<Tenant> = {}): Tenant {
  return {
    id: uuid(n),
    name: `Tenant ${n}`,
    uid: null,
    metadata: {},
    retentionDays: 30,
    createdAt: 1_700_000_000_000,
    ...fields,
  }
}

export function aKey(n: number, fields: Partial<Key> = {}): Key {
  return {
    id: uuid(n),
    tenantId: uuid(1),
    name: null,
    subject: null,
    permissions: ['events:write'],
    featureFlags: null,
    createdAt: 1_700_000_000_000,
    expiresAt: null,
    ...fields,
  }
}

export function anOperatorKey(n: number, fields: Partial<OperatorKey> = {}): OperatorKey {
  return {
    id: uuid(n),
    name: null,
    permissions: ['events:write', 'tenants:write'],
    createdAt: 1_700_000_000_000,
    expiresAt: null,
    ...fields,
  }
}

export function aWebhook(n: number, fields: Partial<Webhook> = {}): Webhook {
  return {
    id: uuid(n),
    tenantId: uuid(1),
    dialect: 'native',
    owner: null,
    uniqueKey: null,
    pins: [],
    shapes: [],
    pause: null,
    uid: null,
    description: null,
    metadata: {},
    channels: [],
    name: null,
    url: 'https://receiver.example/hook',
    eventTypes: ['invoice.paid'],
    scope: {},
    enabled: true,
    failureHandling: null,
    attributes: {},
    secrets: { signing: [], headers: [], attributes: {} },
    suspendedAt: null,
    lane: 'fast',
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_000,
    ...fields,
  }
}

/** A webhook with nothing left at its default. */
export const fullWebhook: Webhook = aWebhook(7, {
  dialect: 'vendor',
  owner: 'user-1',
  uniqueKey: 'slot-1',
  name: 'Grüße, "Welt" \u{1F4EE}',
  url: 'http://receiver.example:8080/a?b=c#d',
  eventTypes: ['invoice.*', 'user.created'],
  scope: { inbox: '5e7a', "it's": 'a "quoted" \\ value' },
  enabled: false,
  failureHandling: {
    triggers: [500, '4xx', 'timeout'],
    retry: { type: 'linear', intervalSeconds: 5, attempts: 3 },
    divert: false,
    suspend: { afterSeconds: 0, afterFailures: 1 },
    alertUrl: 'https://alert.example/',
    timeoutMs: 1_000,
  },
  pause: { since: 1_700_000_000_001, isOver: false },
  attributes: { order: [1, 2.5, null, true], nested: { deep: ['x'] } },
  secrets: {
    signing: [
      { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', expiresAt: null },
      { secret: 'former', expiresAt: 1_800_000_000_000 },
    ],
    headers: [
      ['x-team', 'one'],
      ['x-team', 'two'],
    ],
    attributes: { token: 'geheim' },
  },
  suspendedAt: 1_700_000_000_500,
  lane: 'slow',
  createdAt: 1_700_000_000_001,
  updatedAt: 1_700_000_000_002,
})
