// The vendor's page, run as it is printed: only the address, the credential and the locators are ours.

import { describe, expect, it } from 'vitest'
import { createKey } from '../../fixtures/hookline.ts'
import { enter, openClient } from './client.ts'
import { calls, type PrintedCall, requests, responses } from './vendor-page.ts'

type Client = Awaited<ReturnType<typeof openClient>>

/** A call as it is printed, on a webhook that was made as it is printed. */
async function run(printed: PrintedCall, by?: Client) {
  const client = by ?? (await openClient())
  const owner = enter(client.tenant, await createKey(client.tenant))
  const { body } = await owner.request('POST', '/webhooks', requests.CreateWebhookRequest)
  const { locator } = body as { locator: string }
  const path = printed.path
    .replace('{tenantLocator}', client.tenant.id)
    .replace('{webhookLocator}', locator)
  const answer = await client.raw({
    method: printed.method,
    path: printed.query ? `${path}?${printed.query.join('&')}` : path,
    ...(printed.request && { body: JSON.stringify(requests[printed.request]) }),
  })
  return { answer, locator }
}

const TYPES: Readonly<Record<string, unknown>> = {
  boolean: expect.any(Boolean),
  string: expect.any(String),
  ulid: expect.stringMatching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/),
  // Of a webhook that is not suspended.
  datetime: null,
  'string[]': ['policy.issue'],
  'map<string, string[]>': { 'X-Of': ['Hookline', 'Worker'] },
  FailureHandlingResponse: expect.any(Object),
}

/** The names of an object in order, and of what the page prints inside of it. */
function expectShape(value: unknown, type: keyof typeof responses): void {
  const properties: Readonly<Record<string, string>> = responses[type]
  expect(Object.keys(value as object)).toEqual(Object.keys(properties))
  for (const [name, printed] of Object.entries(properties)) {
    const property = (value as Record<string, unknown>)[name]
    if (printed === 'EndpointResponse') expectShape(property, printed)
    else if (printed === 'WebhookResponse[]') {
      expect(property).toHaveLength(1)
      for (const item of property as unknown[]) expectShape(item, 'WebhookResponse')
    } else expect(property, name).toEqual(TYPES[printed])
  }
}

describe('the vendor’s page', () => {
  for (const printed of calls.filter(({ request }) => request !== 'UpdateWebhookRequest')) {
    it(`answers as printed: ${printed.action}`, async () => {
      const { answer } = await run(printed)
      if (printed.response === 'void') {
        expect(answer).toMatchObject({ status: 204, text: '' })
        return
      }
      expect(answer).toMatchObject({ status: 200 })
      expect(answer.headers.get('content-type')).toBe('application/json')
      expectShape(answer.body, printed.response)
    })
  }

  it('answers as printed: Update a Webhook, removals first, followed by additions', async () => {
    const update = calls.find(({ request }) => request === 'UpdateWebhookRequest')
    const { answer, locator } = await run(update as PrintedCall)
    expect(answer.status).toBe(200)
    expect(answer.text).toBe(
      `{"locator":"${locator}","name":"Note","enabled":true,"endpoint":{"hmacEnabled":true,` +
        '"secret":"correct horse battery staple","secureSsl":true,"tag":"blue",' +
        '"url":"https://receiver.example/other","headers":{"X-More":["1"]}},' +
        '"failureHandling":{"alertEndpoint":null,"divert":true,"retryStrategy":null,"suspend":false,' +
        '"triggers":["4xx","5xx","timeout"]},"suspended":false,"suspendedAt":null,' +
        '"eventTypes":["policy.issue","policy.renew"]}',
    )
  })

  for (const printed of calls) {
    const { action, permissions } = printed
    if (permissions === undefined) continue
    it(`asks for the permissions printed: ${action}`, async () => {
      const just = await openClient({ permissions })
      expect((await run(printed, just)).answer.status).toBeLessThan(300)
      for (const missing of permissions) {
        const others = permissions.filter((permission) => permission !== missing)
        const { answer } = await run(printed, await openClient({ permissions: others }))
        expect(answer.status).toBe(403)
      }
    })
  }
})
