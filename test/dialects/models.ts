// Models for tests of the pure parts of a dialect: complete, and different from the default only where a test says so.

import { nativeRuntime } from '../../src/api/native-wire.ts'
import { type Target, toTarget } from '../../src/engine/attempt/target.ts'
import type { Event, Webhook } from '../../src/engine/model/index.ts'
import type { DialectRuntimes, Exhaustion } from '../../src/engine/ports/index.ts'
import { NO_KEYS } from '../fixtures/signing-keys.ts'

export function aWebhook(overrides: Partial<Webhook> = {}): Webhook {
  return {
    id: '0190a1b2-c3d4-7e5f-8a6b-000000000001',
    tenantId: '0190a1b2-c3d4-7e5f-8a6b-00000000000a',
    dialect: 'native',
    owner: null,
    uniqueKey: null,
    pins: [],
    shapes: [],
    pause: null,
    name: null,
    uid: null,
    description: null,
    metadata: {},
    channels: [],
    url: 'https://receiver.example/hook',
    eventTypes: ['thing.happened'],
    scope: {},
    enabled: true,
    failureHandling: null,
    attributes: {},
    secrets: { signing: [], headers: [], attributes: {} },
    suspendedAt: null,
    lane: 'fast',
    createdAt: 1_795_341_600_000,
    updatedAt: 1_795_341_600_000,
    ...overrides,
  }
}

/** A webhook as a delivery has it; the native dialect is deployed unless told. */
export function aTarget(
  overrides: Partial<Webhook> = {},
  dialectRuntimes: DialectRuntimes = () => nativeRuntime,
): Target {
  const ports = { dialectRuntimes, settings: { httpSigning: NO_KEYS } }
  return toTarget({ ...aWebhook(overrides), tenantName: 'Acme' }, ports)
}

export function anEvent(overrides: Partial<Event> = {}): Event {
  return {
    id: '0190a1b2-c3d4-7e5f-8a6b-000000000002',
    type: 'thing.happened',
    time: '2026-11-22T10:00:00.000Z',
    data: '{"a":1}',
    scope: {},
    actor: null,
    requestId: null,
    ...overrides,
  }
}

export function anExhaustion(overrides: Partial<Exhaustion> = {}): Exhaustion {
  return {
    webhook: aWebhook(),
    eventId: '0190a1b2-c3d4-7e5f-8a6b-000000000002',
    eventType: 'thing.happened',
    trigger: 500,
    message: 'The receiver answered 500.',
    at: 1_795_341_600_000,
    diverted: true,
    suspended: false,
    ...overrides,
  }
}
