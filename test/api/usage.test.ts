// How much a tenant publishes by day, as its keys and the administrator read it.

import { afterEach, expect, it, vi } from 'vitest'
import { createKey, openReceiver, sendAs } from '../fixtures/hookline.ts'
import { askAdmin, asking, NOBODY, newCaller, refusal, refused } from './asked.ts'

const DAY = 24 * 60 * 60 * 1_000
const NOW = Date.UTC(2096, 1, 1, 9)

const startAt = (time: number) => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(time)
}

afterEach(() => {
  vi.useRealTimers()
})

const TOTALS = { events: 2, deliveries: 3, bytes: 13 + 10, invalid: 0 }

/** What comes to `TOTALS`, as a new tenant, at `NOW`. */
async function publishSome() {
  const { ask, tenant } = await newCaller()
  startAt(NOW)
  const { url } = openReceiver()
  await ask('POST', '/v1/webhooks', { url, eventTypes: ['a'] })
  await ask('POST', '/v1/webhooks', { url, eventTypes: ['*'] })
  const events = '[{"type":"a","data":{"a":"é—"}},{"type":"b","data":{ "n": 1 }}]'
  expect((await ask('POST', '/v1/events', events)).status).toBe(202)
  return { ask, tenant }
}

it('counts nothing where nothing was published', async () => {
  const { ask } = await newCaller()
  expect(await ask('GET', '/v1/usage')).toMatchObject({ status: 200, body: { items: [] } })
})

it('is the events, deliveries and bytes of each day, newest first', async () => {
  const { ask } = await publishSome()
  startAt(NOW + 2 * DAY)
  await ask('POST', '/v1/events', { type: 'b', data: {} })
  expect((await ask('GET', '/v1/usage')).body).toMatchObject({
    items: [
      { day: '2096-02-03', events: 1, deliveries: 1, bytes: 2, invalid: 0 },
      { day: '2096-02-01', ...TOTALS },
    ],
  })
})

it('goes back for thirty days', async () => {
  const { ask } = await publishSome()
  const days = async () =>
    ((await ask('GET', '/v1/usage')).body as { items: { day: string }[] }).items.map(
      ({ day }) => day,
    )
  startAt(NOW + 30 * DAY)
  expect(await days()).toEqual(['2096-02-01'])
  startAt(NOW + 31 * DAY)
  expect(await days()).toEqual([])
})

it('is read by the administrator of any tenant that there is', async () => {
  const { tenant } = await publishSome()
  const answer = await askAdmin('GET', `/v1/tenants/${tenant.id}/usage`)
  expect(answer).toMatchObject({ status: 200, body: { items: [{ day: '2096-02-01', ...TOTALS }] } })
  const unknown = await askAdmin('GET', `/v1/tenants/${NOBODY}/usage`)
  expect(refusal(unknown)).toEqual(refused(404, 'not_found'))
})

it('shows a key that acts for a user none, whatever it may see', async () => {
  const { tenant } = await publishSome()
  const permissions = ['events:read', 'events:list', 'webhooks:unowned']
  const user = asking(sendAs(await createKey(tenant, { subject: 'ada', permissions })))
  expect(await user('GET', '/v1/usage')).toMatchObject({ status: 200, body: { items: [] } })
})

it('takes no parameters', async () => {
  const { ask } = await newCaller()
  expect((await ask('GET', '/v1/usage?limit=1')).status).toBe(400)
})
