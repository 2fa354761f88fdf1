// The vendor's page, run as it is printed: only the address, the credentials and the placeholders are ours.

import { describe, expect, it } from 'vitest'
import {
  createKey,
  createTenant,
  openReceiver,
  presentations,
  publish,
  send,
} from '../../fixtures/hookline.ts'
import { getWebhook, notifications, PLACEHOLDERS, updateWebhook } from './vendor-page.ts'

function filled(printed: string): string {
  return [...PLACEHOLDERS].reduce((text, [name, uri]) => text.replaceAll(name, uri), printed)
}

/** The page's JSON in one line; JSON.stringify keeps the order in which it is printed. */
function inOneLine(printed: string): string {
  return JSON.stringify(JSON.parse(filled(printed)))
}

describe('the vendor’s page', () => {
  it('answers the two calls as printed', async () => {
    const headers = presentations.basic(await createKey(await createTenant()))
    for (const printed of [updateWebhook, getWebhook]) {
      const answer = await send({ ...printed, path: filled(printed.path) }, headers)
      expect(answer.status, printed.says).toBe(200)
      expect(answer.headers.get('content-type')).toBe('application/json')
      expect(answer.text).toBe(inOneLine(printed.response))
    }
  })

  for (const { says, published, notification } of notifications) {
    it(`notifies as printed: ${says}`, async () => {
      const key = await createKey(await createTenant())
      const receiver = openReceiver()
      const body = JSON.stringify({ url: receiver.url })
      const call = { method: 'PATCH', path: filled(updateWebhook.path), body }
      expect((await send(call, presentations.basic(key))).status).toBe(200)
      await publish(key, { ...published, scope: { instance: 'default' } })
      const [request] = await receiver.received(1)
      expect(request?.body).toBe(inOneLine(notification))
    })
  }
})
