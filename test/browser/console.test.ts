// The console as people meet it: each page in light, in dark and on a telephone, and each flow with a mouse and a keyboard.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage, openWorld, PICTURES, signIn, violationsOn, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world?.close())

const DEVICES = {
  light: { viewport: { width: 1280, height: 900 } },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  telephone: { viewport: { width: 360, height: 740 } },
} as const

function pages(): Readonly<Record<string, string>> {
  const { tenantId, webhookIds } = world
  const tenant = `/console/tenants/${tenantId}`
  return {
    tenants: '/console/tenants',
    searched: '/console/tenants?search=nobody',
    overview: tenant,
    webhooks: `${tenant}/webhooks`,
    'new-webhook': `${tenant}/webhooks/new`,
    'failing-webhook': `${tenant}/webhooks/${webhookIds.CRM}`,
    'failure-handling': `${tenant}/webhooks/${webhookIds.Warehouse}/failures`,
    'redirecting-webhook': `${tenant}/webhooks/${webhookIds.Warehouse}`,
    'pull-webhook': `${tenant}/webhooks/${webhookIds.Ledger}`,
    'edit-pull-webhook': `${tenant}/webhooks/${webhookIds.Ledger}/edit`,
    diverted: `${tenant}/webhooks/${webhookIds.CRM}/diverted`,
    events: `${tenant}/events`,
    scheduled: `${tenant}/events?state=scheduled`,
    'event-types': `${tenant}/event-types`,
    'event-type': `${tenant}/event-types/invoice.paid`,
    jobs: `${tenant}/jobs`,
    live: `${tenant}/live`,
    audit: `${tenant}/audit`,
    'audit-of-all': '/console/audit',
    session: '/console/session',
    'not-there': '/console/nothing',
  }
}

describe.each(Object.entries(DEVICES))('%s', (device, options) => {
  it('every page reads well: no error, nothing that axe finds, nothing sideways', async () => {
    const { page, problems } = await openPage(world.browser, options)
    await signIn(page, world.url, world.token)
    for (const [name, path] of Object.entries(pages())) {
      await page.goto(`${world.url}${path}`)
      expect(await violationsOn(page), `${name} (${device})`).toEqual([])
      const isWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
      expect(isWide, `${name} scrolls sideways`).toBe(false)
      await page.screenshot({ path: `${PICTURES}/${device}-${name}.png`, fullPage: true })
    }
    for (const [name, list] of [
      ['event', 'events'],
      ['scheduled-event', 'events?state=scheduled'],
      ['attempt', `webhooks/${world.webhookIds.Warehouse}`],
    ] as const) {
      await page.goto(`${world.url}/console/tenants/${world.tenantId}/${list}`)
      await page.locator('table.stack a').first().click()
      await page.getByRole('heading', { level: 1 }).waitFor()
      expect(await violationsOn(page), `${name} (${device})`).toEqual([])
      await page.screenshot({ path: `${PICTURES}/${device}-${name}.png`, fullPage: true })
    }
    // A page that is not there is 404, which a browser calls an error.
    expect(problems.filter((one) => !one.includes('/console/nothing'))).toEqual([])
    await page.context().close()
  })
})

describe.each(['light', 'telephone'] as const)('the administrator (%s)', (device) => {
  it('sees keys and the jobs of the deployment', async () => {
    const { page, problems } = await openPage(world.browser, DEVICES[device])
    await signIn(page, world.url, 'dev-admin-token')
    for (const [name, path] of [
      ['admin-tenants', '/console/tenants'],
      ['keys', `/console/tenants/${world.tenantId}/keys`],
      ['operator-keys', '/console/operator-keys'],
      ['deployment-jobs', '/console/jobs'],
    ] as const) {
      await page.goto(`${world.url}${path}`)
      expect(await violationsOn(page), `${name} (${device})`).toEqual([])
      await page.screenshot({ path: `${PICTURES}/${device}-${name}.png`, fullPage: true })
    }
    await page.getByText('Re-encrypt all secrets…').click()
    await page.getByRole('button', { name: 'Re-encrypt all secrets' }).click()
    await page.getByText('reencrypt').first().waitFor()
    await page.screenshot({ path: `${PICTURES}/${device}-deployment-jobs.png`, fullPage: true })
    expect(problems).toEqual([])
    await page.context().close()
  })
})

describe('a person', () => {
  it('makes a webhook, tests it, disables and deletes it', async () => {
    const { page, problems } = await openPage(world.browser, DEVICES.light)
    await signIn(page, world.url, world.tenantKey)
    await page.getByRole('link', { name: 'Webhooks', exact: true }).click()
    await page.getByRole('link', { name: 'New webhook' }).click()
    await page.getByLabel('URL').fill(`${world.url}/nowhere`)
    await page.getByLabel('Name').fill('Made by hand')
    await page.getByRole('button', { name: 'Create' }).click()
    expect(await page.locator('#secret').textContent()).toMatch(/^whsec_/)
    await page.getByRole('link', { name: 'Go to the webhook' }).click()
    await page.getByText('Send a test event…').click()
    await page.getByRole('button', { name: 'Send it now' }).click()
    await page.getByText('The test was').waitFor()
    await page.getByRole('link', { name: 'The webhook' }).click()
    await page.getByText('Pause deliveries…').click()
    await page.getByRole('button', { name: 'Pause deliveries' }).click()
    await page.getByText('The webhook was paused').waitFor()
    await page.getByText('no deliveries wait').waitFor()
    await page.getByText('Cancel what is pending…').click()
    await page.screenshot({ path: `${PICTURES}/light-webhook-paused.png`, fullPage: true })
    await page.getByRole('button', { name: 'Cancel deliveries' }).click()
    await page.getByText('What was pending was cancelled.').waitFor()
    await page.setViewportSize({ width: 360, height: 800 })
    await page.screenshot({ path: `${PICTURES}/phone-webhook-paused.png`, fullPage: true })
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.getByRole('button', { name: 'Resume deliveries' }).click()
    await page.getByText('what waited is on its way').waitFor()
    await page.getByText('Disable…').click()
    await page.getByRole('button', { name: 'Disable' }).click()
    await page.getByText('The webhook was disabled.').waitFor()
    await page.getByText('Delete…').click()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('heading', { name: 'Webhooks' }).waitFor()
    expect(await page.getByText('Made by hand').count()).toBe(0)
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('sees when retries would come, before saving how', async () => {
    const { page, problems } = await openPage(world.browser, DEVICES.light)
    await signIn(page, world.url, world.tenantKey)
    await page.goto(
      `${world.url}/console/tenants/${world.tenantId}/webhooks/${world.webhookIds.Shop}/failures`,
    )
    await page.getByLabel('Delays before each retry').fill('10s 1h')
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByText('Given up after 1 h 10 s.').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The webhook was saved.').waitFor()
    await page.getByText('after 10 s, 1 h').waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('is told what is wrong with a webhook, beside the field, and loses nothing', async () => {
    const { page } = await openPage(world.browser, DEVICES.light)
    await signIn(page, world.url, world.tenantKey)
    await page.goto(`${world.url}/console/tenants/${world.tenantId}/webhooks/new`)
    await page.getByLabel('URL').fill('https://example.com/hooks')
    await page.getByLabel('Event types').fill('not a type!')
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.locator('#eventTypes-wrong').textContent()).not.toBe('')
    expect(await page.getByLabel('URL').inputValue()).toBe('https://example.com/hooks')
    await page.context().close()
  })

  it('has events of a webhook go together, sees that they do, and takes it back', async () => {
    const { page, problems } = await openPage(world.browser, DEVICES.light)
    await signIn(page, world.url, world.tenantKey)
    await page.goto(`${world.url}/console/tenants/${world.tenantId}/webhooks/new`)
    await page.getByLabel('Name').fill('Spreadsheet')
    await page.getByLabel('URL').fill('https://example.com/rows')
    await page.getByLabel('Event types').fill('row.added')
    const [most, wait] = ['Events in one request', 'Milliseconds to wait for others']
    expect(await page.getByLabel(most).isVisible()).toBe(false)
    await page.getByText('Several events in one request').click()
    await page.getByLabel(most).fill('50')
    await page.getByLabel(wait).fill('1500')
    expect(await violationsOn(page)).toEqual([])
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByRole('link', { name: 'Go to the webhook' }).click()
    const inWords = page.getByText('up to 50 events in one request, after 1.5 s at the latest')
    await inWords.waitFor()
    await page.screenshot({ path: `${PICTURES}/light-batch-webhook.png`, fullPage: true })
    await page.getByRole('link', { name: 'Edit', exact: true }).click()
    // What has a value is not folded away.
    expect(await page.getByLabel(most).inputValue()).toBe('50')
    await page.getByLabel(most).fill('')
    await page.getByLabel(wait).fill('')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The webhook was saved.').waitFor()
    expect(await inWords.count()).toBe(0)
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('finds out why an event did not arrive, and sends it again', async () => {
    const { page, problems } = await openPage(world.browser, DEVICES.light)
    await signIn(page, world.url, world.token)
    const tenant = `${world.url}/console/tenants/${world.tenantId}`
    await page.goto(`${tenant}/webhooks/${world.webhookIds.Bookkeeping}`)
    await page.getByText('Why it failed').first().waitFor()
    await page.goto(`${tenant}/webhooks/${world.webhookIds.CRM}`)
    await page.locator('table.stack a').first().click()
    await page.getByText('What came back').waitFor()
    // What the receiver answered is text, and runs nowhere.
    expect(await page.title()).not.toContain('taken over')
    await page.goto(`${tenant}/webhooks/${world.webhookIds.CRM}/diverted`)
    await page.getByRole('button', { name: 'Resend', exact: true }).first().click()
    await page.getByText('The events are on their way').waitFor()
    await page.goto(`${tenant}/jobs`)
    await page.getByText('resend').first().waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('finds what is scheduled, and cancels it', async () => {
    const { page, problems } = await openPage(world.browser, DEVICES.light)
    await signIn(page, world.url, world.token)
    await page.goto(`${world.url}/console/tenants/${world.tenantId}/events`)
    await page.getByLabel('Show').selectOption('scheduled')
    await page.getByRole('button', { name: 'Filter' }).click()
    await page.locator('table.stack a').last().click()
    await page.getByRole('button', { name: 'Cancel the event' }).click()
    await page.getByText('before its time came').waitFor()
    await page.screenshot({ path: `${PICTURES}/light-cancelled-event.png`, fullPage: true })
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('gets everywhere with a keyboard, and without a script', async () => {
    const { page } = await openPage(world.browser, { ...DEVICES.light, javaScriptEnabled: false })
    await page.goto(`${world.url}/console`)
    await page.getByLabel('Credential').focus()
    await page.keyboard.type(world.tenantKey)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus').textContent()).toContain('Skip to the content')
    await page.getByRole('link', { name: 'Events', exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Events' }).waitFor()
    await page.context().close()
  })

  it('signs out, and is out', async () => {
    const { page } = await openPage(world.browser, DEVICES.light)
    await signIn(page, world.url, world.token)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('Sign in to Hookline').waitFor()
    await page.goBack()
    await page.reload()
    await page.getByText('Sign in to Hookline').waitFor()
    await page.context().close()
  })
})
