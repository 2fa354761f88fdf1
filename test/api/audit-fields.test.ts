// Every field of a webhook that can be changed is named by the entry of its change.

import { beforeAll, expect, it } from 'vitest'
import type { AuditEntryResponse } from '../../src/api/schema/audit.ts'
import { PatchWebhook } from '../../src/api/schema/webhook.ts'
import { createOperatorKey, openReceiver, type Receiver, sendAs } from '../fixtures/hookline.ts'
import { type Ask, asking, idOf, newCaller } from './asked.ts'

/** Of each field another value than a new webhook has, and what the entry calls it where that is something else. */
const CHANGED: Readonly<
  Record<Exclude<keyof PatchWebhook, 'pull'>, readonly [value: unknown, field?: string]>
> = {
  url: ['https://other.example/'],
  eventTypes: [['b']],
  enabled: [false],
  paused: [true],
  name: ['Billing'],
  uid: ['billing'],
  description: ['For the books'],
  metadata: [{ team: 'billing' }],
  scope: [{ customer: '7' }],
  channels: [['eu']],
  // No other test's: where the catalogue has versions, a new webhook is pinned to the newest.
  version: ['1999-audit'],
  filter: ['true'],
  body: ['data'],
  rate: [{ concurrency: 1 }],
  verification: ['challenge'],
  order: ['webhook'],
  batch: [{ maxEvents: 5 }],
  format: ['cloudevents'],
  httpSignature: [{ profile: 'standard' }],
  deleteAfterIdleSeconds: [3_600],
  headerExpressions: [{ 'X-A': 'type' }],
  pathExpression: ['type'],
  queryExpressions: [{ a: 'type' }],
  secretValues: [{ token: 'hidden' }],
  headers: [{ 'X-B': 'hidden' }],
  secret: [null],
  signing: [null, 'secret'],
  failureHandling: [{ divert: false }],
}

let operator: Ask
let ask: Ask
let tenantId: string
let receiver: Receiver

beforeAll(async () => {
  const caller = await newCaller()
  ask = caller.ask
  tenantId = caller.tenant.id
  receiver = openReceiver()
  operator = asking(sendAs(await createOperatorKey()))
})

it('has a value for every field but that which stays', () => {
  expect(Object.keys(CHANGED).toSorted()).toEqual(
    Object.keys(PatchWebhook.shape)
      .filter((field) => field !== 'pull')
      .toSorted(),
  )
})

it.each(Object.entries(CHANGED))('names %s', async (field, [value, named = field]) => {
  const target = field === 'deleteAfterIdleSeconds' ? { pull: true } : { url: receiver.url }
  const id = idOf(await ask('POST', '/v1/webhooks', { ...target, eventTypes: ['a'] }))
  const changed = await ask('PATCH', `/v1/webhooks/${id}`, { [field]: value })
  expect(changed.status, changed.text).toBe(200)
  const { body } = await operator('GET', `/v1/tenants/${tenantId}/audit?target=${id}`)
  const [entry] = (body as { items: AuditEntryResponse[] }).items
  expect(entry?.action).toBe(field === 'enabled' ? 'webhook.disabled' : 'webhook.updated')
  expect(entry?.changes.map((one) => one.field)).toEqual([named])
})
