// A move from a Svix server that is written down (demo/recorded-svix.ts) to a deployment in memory.

import { expect, it } from 'vitest'
import { openRecordedSvix, RECORDED_TOKEN } from '../../../demo/recorded-svix.ts'
import { openDeployment, runBetween, type Server } from './deployments.ts'

function openRecorded() {
  const { answer, writes } = openRecordedSvix()
  const server: Server = {
    ...{ url: 'https://api.svix.test', token: RECORDED_TOKEN },
    fetch: async (url, init) => answer(new Request(url, init)),
  }
  return { server, writes }
}

const GLOBEX = 'app_2cZi0QmYbH4kVtR9sWnXpLdE7fC'

it('takes over what Hookline has a place for, and names all else', async () => {
  const { server, writes } = openRecorded()
  const target = await openDeployment('https://hookline.test')
  const ran = await runBetween(server, target, ['--apply'])
  expect(ran.code).toBe(2)
  expect(ran.text.split('\n\nNever taken over')[0]?.split('\n')).toEqual([
    'Applied.',
    '  event types   4 created',
    '  applications  2 created',
    '  endpoints     3 created, 2 not taken over',
    '',
    'Written:',
    '  created  event type invoice.created',
    '  created  event type invoice.paid',
    '  created  event type invoice.voided',
    '  created  event type legacy.event',
    '  created  application acme',
    `  created  application ${GLOBEX}`,
    '  created  endpoint acme / ep_2cZhuF0aQJk8sYd4WnLmXpTc6vB',
    '  created  endpoint acme / main',
    `  created  endpoint ${GLOBEX} / ep_2cZi1TgNcJ5mWuS0tXoYqMeF8gD`,
    '',
    'Not taken over:',
    '  event type invoice.paid: feature flags but the first: staff (one is kept)',
    '  application acme: its integration Zapier: Hookline has none',
    `  application ${GLOBEX}: throttleRate 50: Hookline sends without such a limit`,
    '  endpoint acme / ep_2cZhuF0aQJk8sYd4WnLmXpTc6vB: its transformation: Hookline sends the payload as it was published',
    '  endpoint acme / main: header Authorization: Svix does not show its value; set it by hand',
    `  endpoint ${GLOBEX} / ep_2cZi2UhOdK6nXvT1uYpZrNfG9hE: it signs with an asymmetric key, of which Svix tells the public half alone: make it by hand, and give its receiver the new public key`,
    `  endpoint ${GLOBEX} / ep_2cZi3ViPeL7oYwU2vZq0sOgH0iF: channels: Too big: expected array to have <=10 items`,
    '  operational webhooks: 1',
  ])
  // It was asked too often once, and was restarting once; and nothing was written there.
  expect([ran.waits, writes]).toEqual([[1_000, 500], []])
  const { svix } = target
  const endpoints = await svix.endpoint.list('acme')
  const shown = endpoints.data.toSorted((a, b) => (a.url < b.url ? -1 : 1))
  expect(shown).toMatchObject([
    {
      ...{ uid: 'main', url: 'http://localhost:4000/acme', description: 'Main', disabled: false },
      ...{ eventTypes: ['invoice.created', 'invoice.paid'], channels: ['eu'] },
      metadata: { team: 'billing' },
    },
    { disabled: true, eventTypes: ['invoice.paid', 'legacy.event'] },
  ])
  const [{ id = '' } = {}] = shown
  expect(await svix.endpoint.getSecret('acme', id)).toEqual({
    key: 'whsec_plJ3nmyCDGBKInavdOK15jsl5vF0kZDE',
  })
  expect(await svix.endpoint.getHeaders('acme', id)).toEqual({
    headers: { 'X-Region': 'eu' },
    sensitive: [],
  })
  // Programs that hold ids of Svix go on with them.
  expect(await svix.application.get(GLOBEX)).toMatchObject({ name: 'Globex', uid: GLOBEX })
  expect(await svix.endpoint.get(GLOBEX, 'ep_2cZi1TgNcJ5mWuS0tXoYqMeF8gD')).toMatchObject({
    url: 'http://localhost:4000/globex',
  })
  expect(await svix.eventType.get('invoice.voided')).toMatchObject({ archived: true })
})

it('writes nothing when it is repeated, and leaves a header that was set by hand', async () => {
  const target = await openDeployment('https://hookline.test')
  await runBetween(openRecorded().server, target, ['--apply'])
  const [{ id = '' } = {}] = (await target.svix.endpoint.list('acme')).data.filter(
    ({ uid }) => uid === 'main',
  )
  await target.svix.endpoint.patchHeaders('acme', id, { headers: { Authorization: 'Bearer x' } })
  const again = await runBetween(openRecorded().server, target, ['--apply'])
  expect([again.code, again.writes]).toEqual([2, []])
  expect(again.text).not.toContain('header Authorization')
  expect(await target.svix.endpoint.getHeaders('acme', id)).toMatchObject({
    sensitive: ['Authorization'],
  })
})

it('tells programs the same, without a secret, a URL or the value of a header', async () => {
  const target = await openDeployment('https://hookline.test')
  const { text } = await runBetween(openRecorded().server, target, ['--json'])
  const report = JSON.parse(text)
  expect(report.counts).toEqual({
    'event type': { create: 4, change: 0, same: 0, leave: 0, extra: 0 },
    application: { create: 2, change: 0, same: 0, leave: 0, extra: 0 },
    endpoint: { create: 3, change: 0, same: 0, leave: 2, extra: 0 },
  })
  expect(report.items).toContainEqual({
    ...{ kind: 'endpoint', name: 'acme / main', action: 'create', changes: [], refusal: null },
    untaken: ['header Authorization: Svix does not show its value; set it by hand'],
  })
  expect(text).not.toMatch(/whsec_|whpk_|localhost:4000|"eu"|testsk_/)
})

it('breaks off where Svix answers what its API does not say', async () => {
  const { server } = openRecorded()
  const odd: Server = {
    ...server,
    fetch: async (url, init) =>
      new URL(url).pathname.endsWith('/secret')
        ? new Response('{"key": null}')
        : server.fetch(url, init),
  }
  const ran = await runBetween(odd, await openDeployment('https://hookline.test'))
  expect(ran.code).toBe(1)
  expect(ran.text).toMatch(
    /Broke off: Svix's answer to GET \/app\/\w+\/endpoint\/\w+\/secret is not what its API says: key: /,
  )
})

it('goes on where Svix does not show what Hookline would not take anyway, and says so', async () => {
  const { server } = openRecorded()
  const closed: Server = {
    ...server,
    fetch: async (url, init) =>
      /transformation|integration|operational/.test(url)
        ? Response.json({ code: 'forbidden', detail: 'Not in your plan' }, { status: 403 })
        : server.fetch(url, init),
  }
  const ran = await runBetween(closed, await openDeployment('https://hookline.test'))
  expect(ran.code).toBe(2)
  expect(ran.text).toContain(
    [
      '  integrations: Svix does not show them to this token',
      '  operational webhooks: Svix does not show them to this token',
    ].join('\n'),
  )
  expect(ran.text).toContain('  transformations: Svix does not show them to this token\n')
})
