// The event stream: one event, those of a request, and pages in the order in which events were accepted.

import { describe, expect, it, vi } from 'vitest'
import { PERMISSIONS } from '../../../src/engine/model/index.ts'
import { createKey } from '../../fixtures/hookline.ts'
import { type EventBody, enter, openClient, WAIT } from './client.ts'
import { toUlid } from './ulid.ts'

type Client = Awaited<ReturnType<typeof openClient>>
interface Page {
  readonly pagingToken: string
  readonly events: readonly EventBody[]
}

async function page({ request }: Client, query: string): Promise<Page> {
  const answer = await request('GET', `/events/list${query}`)
  expect(answer, answer.text).toMatchObject({ status: 200 })
  return answer.body as Page
}

/** Publishes events with these numbers, one after another, and waits until they can be read; returns their times. */
async function publishNumbers(client: Client, numbers: readonly number[], type = 'policy.issue') {
  const ids: string[] = []
  for (const n of numbers) ids.push(...(await client.publish({ type, data: { n } })))
  await vi.waitFor(async () => {
    for (const id of ids) {
      expect(await client.request('GET', `/events/${toUlid(id)}`)).toMatchObject({ status: 200 })
    }
  }, WAIT)
  return ids.map((id) => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16))
}

const numbersOf = ({ events }: Page) => events.map(({ data }) => (data as { n: number }).n)
const token = (text: string) => `?pagingToken=${encodeURIComponent(text)}`
const iso = (ms: number) => encodeURIComponent(new Date(ms).toISOString())

describe('an event', () => {
  it('is shown as a receiver gets it, payload byte for byte', async () => {
    const { raw, request } = await openClient()
    const body =
      '{"type":"policy.issue","time":"2026-11-22T10:00:00Z","requestId":"0190A1B2-c3d4-7e5f-8a6b-000000000003",' +
      '"actor":"0190a1b2-c3d4-7e5f-8a6b-0000000000bb","data":{ "2": 12345678901234567890, "1": 1.10, "1": 1e400 }}'
    const { events } = (await raw({ method: 'POST', path: '/v1/events', body })).body as {
      events: [{ id: string }]
    }
    const locator = toUlid(events[0].id)
    const printed =
      `{"locator":"${locator}","requestId":"01J2GV5GYMFSFRMTR000000003",` +
      '"userLocator":"0190a1b2-c3d4-7e5f-8a6b-0000000000bb","timestamp":"2026-11-22T10:00:00.000Z",' +
      '"type":"policy.issue","data":{ "2": 12345678901234567890, "1": 1.10, "1": 1e400 }}'
    const answer = await vi.waitFor(async () => {
      const found = await request('GET', `/events/${locator}`)
      expect(found.status).toBe(200)
      return found
    }, WAIT)
    expect(answer.text).toBe(printed)
    expect(answer.headers.get('content-type')).toBe('application/json')
    const ofRequest = await request('GET', '/events/request/01J2GV5GYMFSFRMTR000000003')
    expect(ofRequest.text).toBe(`[${printed}]`)
    const list = await request('GET', '/events/list')
    expect(list.text).toMatch(/^\{"pagingToken":"[\w-]+","events":\[/)
    expect(list.text.slice(list.text.indexOf('"events"'))).toBe(`"events":[${printed}]}`)
  })

  it('without a request is found under the request it shows', async () => {
    const client = await openClient()
    await publishNumbers(client, [1])
    const [event] = (await page(client, '')).events
    expect(event?.requestId).toBe(event?.locator)
    expect(event?.userLocator).toBe(client.tenant.id)
    const found = await client.request('GET', `/events/request/${event?.requestId}`)
    expect(found.body).toEqual([event])
  })

  it('of a request stands with the others of that request', async () => {
    const client = await openClient()
    const requestId = '0190a1b2-c3d4-7e5f-8a6b-000000000004'
    await client.publish(
      { type: 'policy.issue', data: { n: 1 }, requestId },
      { type: 'policy.issue', data: { n: 2 } },
      { type: 'invoice.issue', data: { n: 3 }, requestId },
    )
    await publishNumbers(client, [4])
    const { body } = await client.request('GET', `/events/request/${toUlid(requestId)}`)
    expect(numbersOf({ events: body as EventBody[], pagingToken: '' })).toEqual([1, 3])
  })

  it('of a request with more of them than one answer has is behind its Link', async () => {
    const client = await openClient()
    const requestId = '0190a1b2-c3d4-7e5f-8a6b-000000000005'
    const some = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ type: 'policy.issue', data: { n }, requestId }))
    await client.publish(...some(1_000))
    const [last = ''] = await client.publish(...some(1))
    await vi.waitFor(async () => {
      const found = await client.request('GET', `/events/${toUlid(last)}`)
      expect(found).toMatchObject({ status: 200 })
    }, WAIT)
    const path = `/events/request/${toUlid(requestId)}`
    const first = await client.request('GET', path)
    expect(first.body).toHaveLength(1_000)
    const [, query] = /^<(\?after=\w{26})>; rel="next"$/.exec(first.headers.get('link') ?? '') ?? []
    const second = await client.request('GET', `${path}${query}`)
    expect(second.body).toMatchObject([{ locator: toUlid(last) }])
    expect(second.headers.get('link')).toBeNull()
    expect(await client.request('GET', `${path}?after=x`)).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'after', message: 'Expected the locator of an event.' }] },
    })
  })

  it('of another tenant, of nothing and of no locator is 404', async () => {
    const mine = await openClient()
    const theirs = await openClient()
    await publishNumbers(theirs, [1])
    const [event] = (await page(theirs, '')).events
    const locators = [
      event?.locator,
      '01J2GV5GYMFSFRMTR000000003',
      '8ZZZZZZZZZZZZZZZZZZZZZZZZZ',
      'x',
    ]
    for (const locator of locators) {
      const answer = await mine.request('GET', `/events/${locator}`)
      expect(answer).toMatchObject({ status: 404, body: { message: expect.any(String) } })
    }
    expect((await mine.request('GET', `/events/request/${event?.locator}`)).body).toEqual([])
    expect(await mine.request('GET', '/events/request/x')).toMatchObject({ status: 404 })
    expect((await page(mine, '')).events).toEqual([])
  })
})

describe('the event stream', () => {
  it('is read in order, page by page, with nothing but the token', async () => {
    const client = await openClient()
    await publishNumbers(client, [1, 2, 3, 4, 5])
    const first = await page(client, '?pageSize=2')
    const second = await page(client, token(first.pagingToken))
    const third = await page(client, token(second.pagingToken))
    expect([first, second, third].map(numbersOf)).toEqual([[1, 2], [3, 4], [5]])
    expect(numbersOf(await page(client, token(first.pagingToken)))).toEqual([3, 4])
  })

  it('goes on with what is published later', async () => {
    const client = await openClient()
    const empty = await page(client, '')
    expect(empty.events).toEqual([])
    await publishNumbers(client, [1])
    const first = await page(client, token(empty.pagingToken))
    expect(numbersOf(first)).toEqual([1])
    const none = await page(client, token(first.pagingToken))
    expect(none.events).toEqual([])
    await publishNumbers(client, [2])
    expect(numbersOf(await page(client, token(none.pagingToken)))).toEqual([2])
  })

  it('has the type that was asked for, also on later pages', async () => {
    const client = await openClient()
    await publishNumbers(client, [1, 2])
    await publishNumbers(client, [3], 'invoice.issue')
    await publishNumbers(client, [4])
    const first = await page(client, '?type=policy.issue&pageSize=1')
    const second = await page(client, token(first.pagingToken))
    const third = await page(client, token(second.pagingToken))
    expect([first, second, third].map(numbersOf)).toEqual([[1], [2], [4]])
    expect((await page(client, '?type=nothing.such')).events).toEqual([])
  })

  it('begins at the start and ends before the end that were asked for', async () => {
    const client = await openClient()
    const [one = 0] = await publishNumbers(client, [1])
    const [two = 0] = await publishNumbers(client, [2])
    const [three = 0] = await publishNumbers(client, [3])
    const asked = async (query: string) => numbersOf(await page(client, query))
    expect(await asked(`?startTimestamp=${iso(two)}`)).toEqual([2, 3])
    expect(await asked(`?endTimestamp=${iso(two)}`)).toEqual([1])
    expect(await asked(`?startTimestamp=${iso(two)}&endTimestamp=${iso(three)}`)).toEqual([2])
    expect(await asked(`?startTimestamp=${iso(three + 1)}`)).toEqual([])
    expect(await asked(`?startTimestamp=0000-01-01T00:00:00Z&endTimestamp=${iso(one)}`)).toEqual([])
  })

  it.each([
    ['pageSize=0', 'pageSize'],
    ['pageSize=x', 'pageSize'],
    ['startTimestamp=yesterday', 'startTimestamp'],
    ['endTimestamp=1795341600000', 'endTimestamp'],
    ['endTimestamp=9999-12-31T23:59:59-23:59', 'endTimestamp'],
    ['type=', 'type'],
    ['type=%F0%9F%AA%9D', 'type'],
    ['type=a&type=b', 'type'],
    ['pagingToken=', 'pagingToken'],
    ['pagingToken=nonsense', 'pagingToken'],
    [`pagingToken=${btoa('{"cursor":""}')}`, 'pagingToken'],
    [`pagingToken=${btoa('{"cursor":"bm8"}').replaceAll('=', '')}`, 'pagingToken'],
    [`pagingToken=${btoa('{"type":"\u00e9"}').replaceAll('=', '')}`, 'pagingToken'],
    [`pagingToken=${btoa('[]').replaceAll('=', '')}`, 'pagingToken'],
  ])('refuses %s, naming %s', async (query, path) => {
    const { request } = await openClient()
    const answer = await request('GET', `/events/list?${query}`)
    const errors = [{ path, message: expect.any(String) }]
    expect(answer, answer.text).toMatchObject({ status: 400, body: { errors } })
  })

  it.each(['251', '99999999999999999999'])(
    'asked for pages of %s has pages of 250',
    async (size) => {
      const client = await openClient()
      const events = Array.from({ length: 251 }, (_, n) => ({ type: 'policy.issue', data: { n } }))
      const published = await client.publish(...events)
      await vi.waitFor(async () => {
        const last = toUlid(published.at(-1) ?? '')
        expect((await client.request('GET', `/events/${last}`)).status).toBe(200)
      }, WAIT)
      const first = await page(client, `?pageSize=${size}`)
      expect(first.events).toHaveLength(250)
      expect((await page(client, token(first.pagingToken))).events).toHaveLength(1)
    },
  )

  it.each([
    ['pageSize=2'],
    ['type=policy.issue'],
    ['startTimestamp=2026-11-22T10:00:00Z'],
    ['endTimestamp=2026-11-22T10:00:00Z'],
  ])('takes no token together with %s', async (option) => {
    const client = await openClient()
    const { pagingToken } = await page(client, '')
    const answer = await client.request('GET', `/events/list${token(pagingToken)}&${option}`)
    const errors = [{ path: 'pagingToken', message: expect.any(String) }]
    expect(answer).toMatchObject({ status: 400, body: { errors } })
  })

  it('goes on from a token that version 0.1.0 gave out', async () => {
    const client = await openClient()
    await publishNumbers(client, [1, 2, 3])
    const [, second] = (await page(client, '')).events
    const { items } = (await client.raw({ method: 'GET', path: '/v1/events' })).body as {
      items: { id: string }[]
    }
    const id = items.map((item) => item.id).find((uuid) => toUlid(uuid) === second?.locator)
    const write = (value: unknown) => btoa(JSON.stringify(value)).replaceAll('=', '')
    const former = write({ pageSize: '5', cursor: write([id]) })
    expect(numbersOf(await page(client, token(former)))).toEqual([3])
  })

  it('of another tenant cannot be read with its token', async () => {
    const theirs = await openClient()
    await publishNumbers(theirs, [1])
    const { pagingToken } = await page(theirs, '?pageSize=1')
    expect((await page(await openClient(), token(pagingToken))).events).toEqual([])
  })
})

describe('the permissions of', () => {
  const webhook = '/webhooks/01J2GV5GYMFSFRMTR000000001'
  const event = `${webhook}/diverted/01J2GV5GYMFSFRMTR000000002`

  it.each([
    ['GET', `${webhook}/diverted`, ['diverted-events:read', 'diverted-events:list']],
    ['GET', event, ['diverted-events:read']],
    ['POST', `${event}/resend`, ['diverted-events:resend']],
    ['DELETE', event, ['diverted-events:delete']],
    ['PATCH', `${webhook}/unsuspend`, ['webhooks:write']],
    ['GET', '/events/01J2GV5GYMFSFRMTR000000002', ['events:read']],
    ['GET', '/events/request/01J2GV5GYMFSFRMTR000000002', ['events:read']],
    ['GET', '/events/list', ['events:read', 'events:list']],
  ])('%s %s are %j', async (method, path, permissions) => {
    const { tenant } = await openClient()
    const just = enter(tenant, await createKey(tenant, { permissions }))
    expect([200, 404]).toContain((await just.request(method, path)).status)
    for (const missing of permissions) {
      const others = PERMISSIONS.filter((permission) => permission !== missing)
      const { request } = enter(tenant, await createKey(tenant, { permissions: others }))
      const answer = await request(method, path)
      expect(answer.status).toBe(403)
      expect(answer.text).toContain(missing)
    }
  })
})
