// The vendor's page, run as it is printed: only the address, the credentials, the ids and the time are ours.

import { describe, expect, it } from 'vitest'
import { createKey, createTenant, send } from '../../fixtures/hookline.ts'
import {
  createWebhook,
  getWebhook,
  headers,
  listWebhooks,
  PRINTED_ID,
  PRINTED_TEMPLATE,
  PRINTED_TEMPLATE_NAME,
  PRINTED_TIME,
  PRINTED_USER,
} from './vendor-page.ts'

interface Call {
  readonly method: string
  readonly path: string
  readonly body?: string
}

describe('the vendor’s page', () => {
  it('answers its scenario as printed', async () => {
    const { token } = await createKey(await createTenant(), { subject: PRINTED_USER })
    const authorization = headers.Authorization.replace('<token>', token)
    const run = (call: Call) => send(call, { ...headers, Authorization: authorization })

    // "They first call the webhook templates endpoint to get the template ID".
    const catalogue = await run({ method: 'GET', path: '/webhooks/v1/webhook-templates/' })
    const { results } = catalogue.body as { results: { id: string; name: string }[] }
    const template = results.find(({ name }) => name === PRINTED_TEMPLATE_NAME)?.id ?? ''

    const created = await run({
      ...createWebhook,
      body: createWebhook.body.replace(PRINTED_TEMPLATE, template),
    })
    const { id, created_at } = created.body as { id: string; created_at: string }
    const webhook = JSON.stringify(JSON.parse(createWebhook.response))
      .replace(PRINTED_TEMPLATE, template)
      .replace(PRINTED_ID, id)
      .replace(PRINTED_TIME, created_at)
    expect([created.status, created.text], createWebhook.says).toEqual([201, webhook])
    expect(created.headers.get('content-type')).toBe('application/json')
    expect(created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)

    const listed = await run(listWebhooks)
    const page = `{"count":1,"next":null,"previous":null,"results":[${webhook}]}`
    expect([listed.status, listed.text], listWebhooks.says).toEqual([200, page])

    const read = await run({ ...getWebhook, path: getWebhook.path.replace('{id}', id) })
    expect([read.status, read.text], getWebhook.says).toEqual([200, webhook])
  })
})
