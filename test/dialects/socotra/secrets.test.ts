// Who sees the secrets of a webhook: whoever may read webhooks, in whichever answer.

import { beforeAll, describe, expect, it } from 'vitest'
import { PERMISSIONS } from '../../../src/engine/model/index.ts'
import { createKey } from '../../fixtures/hookline.ts'
import { enter, openClient, type WebhookBody } from './client.ts'

const endpoint = {
  url: 'https://receiver.example/note',
  hmacEnabled: true,
  secret: 'the-secret-of-the-webhook',
  headers: { Authorization: ['Bearer the-token-of-the-receiver'], 'X-Two': ['a-value', 'b-value'] },
}
const alertEndpoint = {
  url: 'https://alerts.example/',
  hmacEnabled: true,
  secret: 'the-secret-of-the-alerts',
  headers: { 'X-Alert': ['c-value'] },
}
const SECRETS =
  /the-secret-of-the-webhook|the-token-of-the-receiver|the-secret-of-the-alerts|[abc]-value/g

let reader: Awaited<ReturnType<typeof openClient>>
let writer: typeof reader
let webhook: WebhookBody

beforeAll(async () => {
  reader = await openClient()
  const permissions = PERMISSIONS.filter((permission) => permission !== 'webhooks:read')
  writer = enter(reader.tenant, await createKey(reader.tenant, { permissions }))
  webhook = await reader.create({ failureHandling: { alertEndpoint } }, endpoint)
})

describe('a key without webhooks:read', () => {
  it('sees no secret in the answer to its PATCH', async () => {
    const answer = await writer.request('PATCH', `/webhooks/${webhook.locator}`, { name: 'Other' })
    expect(answer.status).toBe(200)
    expect(answer.text.match(SECRETS)).toBeNull()
    expect(answer.body).toEqual({
      ...webhook,
      name: 'Other',
      endpoint: {
        ...webhook.endpoint,
        secret: null,
        headers: { Authorization: ['••••'], 'X-Two': ['••••', '••••'] },
      },
      failureHandling: {
        ...webhook.failureHandling,
        alertEndpoint: {
          ...alertEndpoint,
          secret: null,
          secureSsl: true,
          tag: null,
          headers: { 'X-Alert': ['••••'] },
        },
      },
    })
  })

  it('sees none in the answer to its POST either', async () => {
    const body = {
      name: 'New',
      enabled: true,
      endpoint,
      eventTypes: ['a'],
      failureHandling: { alertEndpoint },
    }
    const answer = await writer.request('POST', '/webhooks', body)
    expect([answer.status, answer.text.match(SECRETS)]).toEqual([200, null])
    const { locator } = answer.body as WebhookBody
    expect((await reader.read({ locator })).endpoint).toMatchObject(endpoint)
  })

  it('changes nothing that it does not see', async () => {
    await writer.request('PATCH', `/webhooks/${webhook.locator}`, { enabled: false })
    expect((await reader.read(webhook)).endpoint).toMatchObject(endpoint)
  })

  it('sees an alert endpoint that was written as just its URL', async () => {
    const failureHandling = { alertEndpoint: 'https://alerts.example/' }
    const { locator } = await reader.create({ failureHandling })
    const answer = await writer.request('PATCH', `/webhooks/${locator}`, {})
    expect(answer.body).toMatchObject({ failureHandling })
  })
})

describe('a key with webhooks:read', () => {
  it('sees the secrets in the answers to its PATCH and POST', async () => {
    const changed = await reader.update(webhook, { name: 'Again' })
    expect(changed.endpoint).toMatchObject(endpoint)
    expect(changed.failureHandling).toMatchObject({ alertEndpoint })
    const made = await reader.create({ failureHandling: { alertEndpoint } }, endpoint)
    expect(made.endpoint).toMatchObject(endpoint)
  })
})
