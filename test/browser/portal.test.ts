// The portal as customers meet it: from a link to a secret, in light, in dark, on a telephone, and in a frame of another site.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage, openWorld, PICTURES, violationsOn, type World } from './world.ts'

let world: World
let framing: Site
let other: Site

interface Site {
  readonly origin: string
  readonly close: () => void
}

/** A page of another site, which holds whatever its address names in a frame. */
async function openSite(): Promise<Site> {
  const server: Server = createServer((request, response) => {
    const src = new URL(request.url ?? '', 'http://x').searchParams.get('src') ?? ''
    response.writeHead(200, { 'content-type': 'text/html' })
    const icon = '<link rel="icon" href="data:,">'
    response.end(`${icon}<h1>Product</h1><iframe src="${src}" width="900" height="700"></iframe>`)
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const { port } = server.address() as AddressInfo
  return { origin: `http://product.localhost:${port}`, close: () => server.close() }
}

beforeAll(async () => {
  ;[framing, other] = [await openSite(), await openSite()]
  world = await openWorld({
    PORTAL_NAME: 'Acme Webhooks',
    PORTAL_COLOR: '#0f766e',
    PORTAL_ORIGINS: framing.origin,
  })
})
afterAll(async () => {
  await world?.close()
  framing?.close()
  other?.close()
})

const DEVICES = {
  light: { viewport: { width: 1280, height: 900 } },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  telephone: { viewport: { width: 360, height: 740 } },
} as const

async function makeLink(input: object = {}): Promise<string> {
  const response = await fetch(`${world.url}/v1/tenants/${world.tenantId}/portal-links`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  })
  const { url } = (await response.json()) as { url: string }
  return url
}

async function enter(page: Page, input: object = {}): Promise<void> {
  await page.goto(await makeLink(input))
  await page.getByRole('button', { name: 'Open' }).click()
  await page.getByRole('heading', { name: 'Webhooks', level: 1 }).waitFor()
}

describe.each(Object.entries(DEVICES))('%s', (device, options) => {
  it('every page reads well: no error, nothing that axe finds, nothing sideways', async () => {
    const { page, problems } = await openPage(world.browser, options)
    const look = async (name: string) => {
      expect(await violationsOn(page), `${name} (${device})`).toEqual([])
      const isWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
      expect(isWide, `${name} scrolls sideways`).toBe(false)
      expect(await page.content()).not.toMatch(/hookline|tenant|operator/i)
      await page.screenshot({ path: `${PICTURES}/portal-${device}-${name}.png`, fullPage: true })
    }
    await page.goto(`${world.url}/portal/webhooks`)
    await look('signed-out')
    const link = await makeLink()
    await page.goto(link)
    await look('link')
    await page.getByRole('button', { name: 'Open' }).click()
    const { CRM, Warehouse } = world.webhookIds
    const pages = {
      webhooks: '/webhooks',
      'new-webhook': '/webhooks/new',
      webhook: `/webhooks/${Warehouse}`,
      undelivered: `/webhooks/${CRM}/diverted`,
      events: '/events',
      'event-types': '/event-types',
      access: '/session',
      'not-there': '/nothing',
    }
    for (const [name, path] of Object.entries(pages)) {
      await page.goto(`${world.url}/portal${path}`)
      await look(name)
    }
    for (const [name, list] of [
      ['event', 'events'],
      ['attempt', `webhooks/${CRM}`],
    ] as const) {
      await page.goto(`${world.url}/portal/${list}`)
      await page.locator('table.stack a').first().click()
      await page.getByRole('heading', { level: 1 }).waitFor()
      await look(name)
    }
    await page.goto(link)
    await look('link-again')
    const address = 'webhooks-and-other-operational-matters@industries.acme.example'
    await page.goto(`${world.url}${await world.askForNotices(address)}`)
    await look('notices')
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.getByText('Your address is confirmed').waitFor()
    await look('notices-confirmed')
    await page.reload()
    await look('notices-again')
    // A browser calls what is 401, 404 or 410 an error.
    expect(problems.filter((one) => !/status of (?:401|404|410)/.test(one))).toEqual([])
    await page.context().close()
  })
})

describe('a customer', () => {
  it('opens the link, makes a webhook, sees an attempt, and its secret again', async () => {
    const { page, problems } = await openPage(world.browser, DEVICES.light)
    await enter(page)
    await page.getByRole('link', { name: 'New webhook' }).click()
    await page.getByLabel('URL').fill(`${world.url}/nowhere`)
    await page.getByLabel('Name').fill('Made by a customer')
    await page.getByRole('button', { name: 'Create' }).click()
    const secret = await page.locator('#secret').textContent()
    expect(secret).toMatch(/^whsec_/)
    await page.getByRole('link', { name: 'Go to the webhook' }).click()
    await page.getByRole('button', { name: 'Reveal the secret' }).click()
    expect(await page.locator('#secret').textContent()).toBe(secret)
    await page.goto(`${world.url}/portal/webhooks/${world.webhookIds.CRM}`)
    await page.locator('table.stack a').first().click()
    await page.getByText('What came back').waitFor()
    expect(await page.title()).not.toContain('taken over')
    await page.goto(`${world.url}/portal/webhooks/${world.webhookIds.CRM}/diverted`)
    await page.getByRole('button', { name: 'Resend', exact: true }).first().click()
    await page.getByText('The events are on their way').waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('You are signed out').waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('who may only look is offered nothing else', async () => {
    const { page } = await openPage(world.browser, DEVICES.light)
    await enter(page, { capabilities: [] })
    expect(await page.getByRole('link', { name: 'New webhook' }).count()).toBe(0)
    await page.goto(`${world.url}/portal/webhooks/${world.webhookIds.CRM}`)
    await page.getByText('Configuration').waitFor()
    for (const name of ['Reveal the secret', 'Send it now', 'Delete', 'Resend']) {
      expect(await page.getByRole('button', { name }).count(), name).toBe(0)
    }
    await page.screenshot({ path: `${PICTURES}/portal-light-looking.png`, fullPage: true })
    await page.context().close()
  })

  it('gets in without a script, with a keyboard, and once', async () => {
    const { page } = await openPage(world.browser, { ...DEVICES.light, javaScriptEnabled: false })
    const link = await makeLink()
    await page.goto(link)
    await page.getByRole('button', { name: 'Open' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Webhooks', level: 1 }).waitFor()
    await page.goto(link)
    await page.getByText('This link was used already').waitFor()
    await page.context().close()
  })
})

describe('a frame', () => {
  const inFrame = (site: Site, url: string) => `${site.origin}/?src=${encodeURIComponent(url)}`

  it('of an origin that is named holds the portal, with a session of its own', async () => {
    const { page, problems } = await openPage(world.browser, DEVICES.light)
    await page.goto(inFrame(framing, await makeLink()))
    const frame = page.frameLocator('iframe')
    await frame.getByRole('button', { name: 'Open' }).click()
    await frame.getByRole('link', { name: 'New webhook' }).click()
    await frame.getByLabel('URL').fill(`${world.url}/framed`)
    await frame.getByRole('button', { name: 'Create' }).click()
    await frame.getByText('The webhook was created').first().waitFor()
    await page.screenshot({ path: `${PICTURES}/portal-light-framed.png` })
    // It is that site's alone: whoever opens the pages themselves has no session.
    await page.goto(`${world.url}/portal/webhooks`)
    await page.getByText('You are not signed in').waitFor()
    expect(problems.filter((one) => !/status of 401/.test(one))).toEqual([])
    await page.context().close()
  })

  it('of another holds nothing', async () => {
    const { page, problems } = await openPage(world.browser, DEVICES.light)
    await page.goto(inFrame(other, await makeLink()))
    await expect.poll(() => problems.join()).toContain('frame-ancestors')
    const frame = page.frameLocator('iframe')
    expect(await frame.getByRole('button', { name: 'Open' }).count()).toBe(0)
    await page.context().close()
  })

  it('holds no console', async () => {
    const { page, problems } = await openPage(world.browser, DEVICES.light)
    await page.goto(inFrame(framing, `${world.url}/console`))
    await expect.poll(() => problems.join()).toContain('frame-ancestors')
    await page.context().close()
  })
})
