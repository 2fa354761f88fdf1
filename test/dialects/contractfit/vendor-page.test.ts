// The vendor's page, run as it is printed: only the credentials are ours, and the target where something is sent to it.

import { describe, expect, it } from 'vitest'
import { createKey, createTenant, openReceiver, publish, sendAs } from '../../fixtures/hookline.ts'
import { PRINTED_TARGET, type Printed, vendorPage } from './vendor-page.ts'

async function run({ body }: Printed, target: string) {
  const key = await createKey(await createTenant('contractfit1'))
  const replaced = body.replace(PRINTED_TARGET, target)
  const answer = await sendAs(key)({ method: 'POST', path: '/integrations', body: replaced })
  return { key, answer }
}

describe('the vendor’s page', () => {
  it.each(vendorPage)('is taken as printed: $says', async (printed) => {
    const { answer } = await run(printed, PRINTED_TARGET)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body).toMatchObject({
      type: 'webhook',
      events: ['document_predict'],
      target: 'http://localhost:3000/alfred/document_predict',
    })
  })

  it.each(vendorPage)('is notified about as printed: $says', async (printed) => {
    const receiver = openReceiver()
    const { key } = await run(printed, receiver.url)
    await publish(key, { type: 'document_predict', data: '{"id":"5e7a0df1800de5422a6f7776"}' })
    const [request] = await receiver.received(1)
    const { 'webhook-id': _, 'webhook-timestamp': __, ...headers } = request?.headers ?? {}
    expect(headers).toEqual({
      'content-type': 'application/json',
      'user-agent': 'Hookline/0.1.0',
      ...printed.headers,
    })
    expect(request?.body).toBe(
      '{"event":"document_predict","organization":"contractfit1","data":{"id":"5e7a0df1800de5422a6f7776"}}',
    )
  })
})
