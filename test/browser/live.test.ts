// Attempts as they happen, in a browser: they appear, and the page says so when the connection is lost, and without a script.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { openPage, openWorld, PICTURES, signIn, violationsOn, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world?.close())

const liveUrl = () => `${world.url}/console/tenants/${world.tenantId}/live`

async function publish(): Promise<void> {
  const answer = await fetch(`${world.url}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.tenantKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'invoice.paid', data: { amount: 7 } }),
  })
  expect(answer.status).toBe(202)
}

it('shows attempts as they end, and says that the connection is lost, and is there again', async () => {
  const { page, problems } = await openPage(world.browser, {})
  await signIn(page, world.url, world.tenantKey)
  await page.route('**/live/stream', (route) => route.abort())
  await page.goto(liveUrl())
  await page.getByText('Connection lost.').waitFor()
  await page.screenshot({ path: `${PICTURES}/live-lost.png`, fullPage: true })
  await page.unroute('**/live/stream')
  await page.getByText('Connected.').waitFor()
  await publish()
  await page.locator('#live-rows a', { hasText: 'invoice.paid' }).first().waitFor()
  expect(await violationsOn(page)).toEqual([])
  await page.screenshot({ path: `${PICTURES}/live-attempts.png`, fullPage: true })
  // The connections that were cut are errors to a browser.
  expect(problems.filter((one) => !one.includes('ERR_FAILED'))).toEqual([])
  await page.context().close()
})

it('says where attempts are to somebody without a script', async () => {
  const { page } = await openPage(world.browser, { javaScriptEnabled: false })
  await signIn(page, world.url, world.tenantKey)
  await page.goto(liveUrl())
  await page.getByText('Without it, open').waitFor()
  expect(await page.getByRole('link', { name: 'a webhook' }).getAttribute('href')).toContain(
    '/webhooks',
  )
  await page.context().close()
})
