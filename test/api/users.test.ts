// Keys that act for a user, on `/v1`: of webhooks and their events they see their user's, and what no user owns only with
// the permission for it.

import { beforeEach, describe, expect, it } from 'vitest'
import { PERMISSIONS } from '../../src/engine/model/index.ts'
import {
  createKey,
  createTenant,
  openReceiver,
  publish,
  type Receiver,
  sendAs,
  type TestKey,
  type TestTenant,
} from '../fixtures/hookline.ts'
import { type Ask, asking, idOf } from './asked.ts'

let tenant: TestTenant
let house: TestKey
let ada: Ask
let grace: Ask
/** Ada, who may also see what no user owns. */
let steward: Ask
let receiver: Receiver

beforeEach(async () => {
  tenant = await createTenant()
  house = await createKey(tenant)
  const askingFor = async (subject: string, more: object = {}) =>
    asking(sendAs(await createKey(tenant, { subject, ...more })))
  ada = await askingFor('ada')
  grace = await askingFor('grace')
  steward = await askingFor('ada', { permissions: [...PERMISSIONS] })
  receiver = openReceiver()
})

const make = async (ask: Ask, type: string): Promise<string> =>
  idOf(await ask('POST', '/v1/webhooks', { url: receiver.url, eventTypes: [type] }))

const idsIn = async (ask: Ask, path: string): Promise<readonly string[]> => {
  const { body, text } = await ask('GET', path)
  const { items } = body as { items?: readonly { id: string }[] }
  if (items === undefined) throw new Error(text)
  return items.map(({ id }) => id)
}

describe('webhooks', () => {
  it('are listed to their user, to the tenant’s own key, and unowned ones where that is allowed', async () => {
    const own = asking(sendAs(house))
    const [hers, theirs, nobodys] = [
      await make(ada, 'a'),
      await make(grace, 'a'),
      await make(own, 'a'),
    ]
    expect(await idsIn(ada, '/v1/webhooks')).toEqual([hers])
    expect(await idsIn(grace, '/v1/webhooks')).toEqual([theirs])
    expect(await idsIn(steward, '/v1/webhooks')).toEqual([hers, nobodys])
    expect(await idsIn(own, '/v1/webhooks')).toEqual([hers, theirs, nobodys])
  })

  it('in pages are all there and no others, however many stand between them', async () => {
    const hers: string[] = []
    for (let n = 0; n < 6; n += 1) {
      hers.push(await make(ada, 'a'))
      await make(grace, 'a')
    }
    const seen: string[] = []
    for (let cursor: string | null = null, pages = 0; pages < 9; pages += 1) {
      const path = `/v1/webhooks?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`
      const { items, nextCursor } = (await ada('GET', path)).body as {
        items: { id: string }[]
        nextCursor: string | null
      }
      seen.push(...items.map(({ id }) => id))
      cursor = nextCursor
      if (cursor === null) break
    }
    expect(seen).toEqual(hers)
  })

  it('stay their user’s when another key that sees them changes them', async () => {
    const nobodys = await make(asking(sendAs(house)), 'a')
    expect((await steward('PATCH', `/v1/webhooks/${nobodys}`, { name: 'n' })).status).toBe(200)
    expect((await ada('GET', `/v1/webhooks/${nobodys}`)).status).toBe(404)
  })

  it('made on another surface are no one else’s either', async () => {
    const made = await grace('POST', '/webhooks/v1/webhook', {
      api_template: '01940000-0000-7000-8000-000000000001',
      endpoint_url: receiver.url,
      secret_hash: 'secret',
    })
    const path = `/v1/webhooks/${idOf(made)}`
    for (const [method, at, body] of [
      ['GET', path],
      ['PATCH', path, { url: 'https://mine.example/' }],
      ['POST', `${path}/rotate-secret`],
      ['POST', `${path}/test`, {}],
      ['DELETE', path],
    ] as const) {
      expect(await ada(method, at, body), at).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      })
    }
    expect(await grace('GET', path)).toMatchObject({ status: 200, body: { url: receiver.url } })
  })
})

describe('events', () => {
  const put = (type: string) => publish(house, { type, data: '{"a":1}' })
  const logged = async (id: string) => {
    const own = asking(sendAs(house))
    await expect.poll(async () => (await own('GET', `/v1/events/${id}`)).status).toBe(200)
    return id
  }

  it('are those that reached a webhook that is seen', async () => {
    await make(ada, 'for.ada')
    await make(grace, 'for.grace')
    await make(asking(sendAs(house)), 'for.nobody')
    const hers = await logged(await put('for.ada'))
    const theirs = await logged(await put('for.grace'))
    const nobodys = await logged(await put('for.nobody'))
    const unwanted = await logged(await put('for.none'))
    expect(await idsIn(ada, '/v1/events')).toEqual([hers])
    expect(await idsIn(steward, '/v1/events')).toEqual([nobodys, hers])
    for (const id of [theirs, nobodys, unwanted]) {
      expect(await ada('GET', `/v1/events/${id}`)).toMatchObject({ status: 404 })
      expect(await ada('POST', `/v1/events/${id}/resend`)).toMatchObject({ status: 404 })
    }
    expect(await ada('GET', `/v1/events/${hers}`)).toMatchObject({ status: 200 })
  })

  it('that a user published and that matched no webhook of its are not read back', async () => {
    const published = await ada('POST', '/v1/events', { type: 'lone', data: {} })
    expect(published.status).toBe(202)
    const [{ id }] = (published.body as { events: [{ id: string }] }).events
    await logged(id)
    expect((await ada('GET', `/v1/events/${id}`)).status).toBe(404)
    expect(await idsIn(ada, '/v1/events')).toEqual([])
  })

  it('say why they were not for other webhooks that are seen, and for these alone', async () => {
    await make(ada, 'shared')
    const hers = await make(ada, 'other')
    await make(grace, 'other')
    const nobodys = await make(asking(sendAs(house)), 'other')
    const id = await logged(await put('shared'))
    const why = async (ask: Ask) => {
      const { body } = await ask('GET', `/v1/events/${id}?unmatched=true`)
      return (body as { unmatched?: unknown }).unmatched
    }
    const item = (webhookId: string) => ({ webhookId, detail: null, reasons: ['event_type'] })
    expect(await why(ada)).toEqual({ items: [item(hers)], nextCursor: null })
    expect(await why(steward)).toEqual({ items: [item(hers), item(nobodys)], nextCursor: null })
    // None of the event's webhooks is Grace's: to her there is no such event.
    expect(await why(grace)).toBeUndefined()
    expect(await why(asking(sendAs(house)))).toMatchObject({ items: { length: 3 } })
  })

  it('show their deliveries to webhooks that are seen, and are sent again to these alone', async () => {
    const hers = await make(ada, 'shared')
    const theirs = await make(grace, 'shared')
    const id = await logged(await put('shared'))
    await receiver.received(2)
    const { body } = await ada('GET', `/v1/events/${id}`)
    expect(body).toMatchObject({ deliveries: [{ webhookId: hers }] })
    expect(body).toMatchObject({ deliveries: { length: 1 } })
    const again = (webhookId?: string) => ada('POST', `/v1/events/${id}/resend`, { webhookId })
    expect(await again(theirs)).toMatchObject({ status: 404, body: { detail: 'No such webhook.' } })
    expect(await again(hers)).toMatchObject({ status: 202 })
    expect(await again()).toMatchObject({ status: 202, body: { queued: 1 } })
    expect(await asking(sendAs(house))('POST', `/v1/events/${id}/resend`)).toMatchObject({
      status: 202,
      body: { queued: 2 },
    })
  })

  it('in pages are all there, though most are not to be seen', async () => {
    await make(ada, 'for.ada')
    await make(grace, 'for.grace')
    const hers: string[] = []
    for (let n = 0; n < 24; n += 1) {
      const id = await put(n % 6 === 0 ? 'for.ada' : 'for.grace')
      if (n % 6 === 0) hers.push(id)
      if (n === 23) await logged(id)
    }
    const seen: string[] = []
    let cursor = ''
    do {
      const { body } = await ada('GET', `/v1/events?limit=1${cursor}`)
      const page = body as { items: { id: string }[]; nextCursor: string | null }
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`
    } while (cursor !== '')
    expect(seen).toEqual(hers.toReversed())
  })
})
