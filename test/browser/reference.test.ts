// The reference of the API as people meet it: in light, in dark and on a telephone, without a script and without signing in.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage, openWorld, PICTURES, violationsOn, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world?.close())

const PAGES = {
  reference: '/docs',
  'reference-of-webhooks': '/docs/webhooks',
  'reference-of-health': '/docs/health',
  'reference-of-event-types': '/docs/event-types',
  'reference-of-svix': '/docs/svix',
}

describe.each([
  ['light', { viewport: { width: 1280, height: 900 } }],
  ['dark', { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }],
  ['telephone', { viewport: { width: 360, height: 740 } }],
] as const)('%s', (device, options) => {
  it('every page reads well: no error, nothing that axe finds, nothing sideways', async () => {
    const { page, problems } = await openPage(world.browser, options)
    for (const [name, path] of Object.entries(PAGES)) {
      await page.goto(`${world.url}${path}`)
      expect(await violationsOn(page), `${name} (${device})`).toEqual([])
      const isWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
      expect(isWide, `${name} scrolls sideways`).toBe(false)
      await page.screenshot({ path: `${PICTURES}/${device}-${name}.png`, fullPage: true })
    }
    expect(problems).toEqual([])
    await page.context().close()
  })
})

it('an operation is found with a keyboard, and without a script', async () => {
  const { page } = await openPage(world.browser, { javaScriptEnabled: false })
  await page.goto(`${world.url}/docs`)
  await page.getByLabel('Find an operation').focus()
  await page.keyboard.type('rotate webhooks')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/docs?search=*')
  await page.locator('a[href$="#rotateSecret"]').focus()
  await page.keyboard.press('Enter')
  await page.waitForURL('**#rotateSecret')
  expect(await page.locator('#rotateSecret h2').isVisible()).toBe(true)
  await page.context().close()
})
