// What the operator calls a tenant, and notes of it.

import { describe, expect, it } from 'vitest'
import { createKey, createTenant, openReceiver, publish, sendAs } from '../fixtures/hookline.ts'
import { askAdmin, asking, idOf, invalidAt, refusal, refused } from './asked.ts'

const newUid = () => `t-${crypto.randomUUID()}`
const create = (about: object) => askAdmin('POST', '/v1/tenants', { name: 'Acme', ...about })
const change = (tenant: string, about: object) => askAdmin('PATCH', `/v1/tenants/${tenant}`, about)

describe('a uid', () => {
  it.each(['a', 'A.b_c-9', '0'.repeat(256), '...', '.a'])('may be %s', async (uid) => {
    const suffixed = uid.length === 256 ? uid : `${uid}${crypto.randomUUID()}`
    const made = await create({ uid: suffixed })
    expect(made).toMatchObject({ status: 201, body: { uid: suffixed } })
    expect((await askAdmin('GET', `/v1/tenants/${suffixed}`)).body).toEqual(made.body)
    expect((await askAdmin('DELETE', `/v1/tenants/${suffixed}`)).status).toBe(202)
  })

  it.each(['', ' ', '.', '..', 'a b', 'a/b', 'ü', 'a:b', 'a'.repeat(257), 7])(
    'may not be %j',
    async (uid) => {
      expect(refusal(await create({ uid }))).toEqual(invalidAt('uid'))
      const { id } = await createTenant()
      expect(refusal(await change(id, { uid }))).toEqual(invalidAt('uid'))
    },
  )

  it('is unique, and tells upper and lower case apart', async () => {
    const uid = newUid()
    await create({ uid })
    expect(refusal(await create({ uid }))).toEqual(refused(409, 'conflict'))
    expect((await create({ uid: uid.toUpperCase() })).status).toBe(201)
    const other = await createTenant()
    expect(refusal(await change(other.id, { uid }))).toEqual(refused(409, 'conflict'))
  })

  it('is no tenant’s id in whichever case, and no id is a uid', async () => {
    const { id } = await createTenant()
    for (const uid of [id, id.toUpperCase()]) {
      expect(refusal(await create({ uid }))).toEqual(refused(409, 'conflict'))
      expect(refusal(await change(id, { uid }))).toEqual(refused(409, 'conflict'))
    }
    const uid = crypto.randomUUID()
    await create({ uid: uid.toUpperCase() })
    expect(refusal(await create({ id: uid }))).toEqual(refused(409, 'conflict'))
    const own = crypto.randomUUID()
    expect(refusal(await create({ id: own, uid: own }))).toEqual(refused(409, 'conflict'))
  })

  it('of the form of an id names its tenant', async () => {
    const uid = crypto.randomUUID().toUpperCase()
    const made = await create({ uid })
    expect(idOf(await askAdmin('GET', `/v1/tenants/${uid}`))).toBe(idOf(made))
    expect((await askAdmin('GET', `/v1/tenants/${uid.toLowerCase()}`)).status).toBe(404)
  })

  it('that was given up is nobody’s for ten seconds, and may be taken back', async () => {
    const uid = newUid()
    const { id } = await createTenant('Acme', { uid })
    const other = await createTenant()
    expect(await change(id, { uid: null })).toMatchObject({ status: 200, body: { uid: null } })
    for (const answer of [await change(other.id, { uid }), await create({ uid })]) {
      expect(refusal(answer)).toEqual(refused(409, 'conflict'))
      expect(answer.headers.get('retry-after')).toBe('10')
    }
    expect(await change(id, { uid })).toMatchObject({ status: 200, body: { uid } })
  })

  it('rests when its tenant is deleted', async () => {
    const uid = newUid()
    const { id } = await createTenant('Acme', { uid })
    await askAdmin('DELETE', `/v1/tenants/${id}`)
    expect(refusal(await create({ uid }))).toEqual(refused(409, 'conflict'))
  })

  it('that changes leads to its tenant at once', async () => {
    const [before, after] = [newUid(), newUid()]
    const { id } = await createTenant('Acme', { uid: before })
    await change(before, { uid: after })
    expect(idOf(await askAdmin('GET', `/v1/tenants/${after}`))).toBe(id)
    expect((await askAdmin('GET', `/v1/tenants/${before}`)).status).toBe(404)
  })
})

describe('a change', () => {
  it('leaves what it does not say, and clears what is null', async () => {
    const uid = newUid()
    const { id } = await createTenant('Acme', { uid, metadata: { plan: 'gold' } })
    const changed = async (about: object) => (await change(id, about)).body
    const metadata = { plan: 'gold' }
    expect(await changed({})).toMatchObject({ name: 'Acme', uid, metadata })
    expect(await changed({ name: 'New' })).toMatchObject({ name: 'New', uid, metadata })
    const other = { seats: '5' }
    expect(await changed({ metadata: other })).toMatchObject({ uid, metadata: other })
    expect(await changed({ metadata: null })).toMatchObject({ name: 'New', uid, metadata: {} })
    expect(await changed({ uid: null })).toMatchObject({ name: 'New', uid: null })
    const list = await askAdmin('GET', '/v1/tenants?limit=250')
    expect((list.body as { items: object[] }).items).toContainEqual((await change(id, {})).body)
  })

  it.each([
    [{ name: null }, 'name'],
    [{ name: '' }, 'name'],
    [{ id: crypto.randomUUID() }, 'id'],
    [{ metadata: { a: 1 } }, 'metadata.a'],
    [{ metadata: [] }, 'metadata'],
    [{ metadata: { text: 'ä'.repeat(2_100) } }, 'metadata'],
  ])('by %j is refused', async (about, path) => {
    const { id } = await createTenant()
    expect(refusal(await change(id, about))).toEqual(invalidAt(path))
  })

  it('of its metadata may have 4,096 bytes', async () => {
    const { id } = await createTenant()
    const text = 'x'.repeat(4_096 - '{"a":""}'.length)
    expect((await change(id, { metadata: { a: text } })).status).toBe(200)
    expect((await change(id, { metadata: { a: `${text}x` } })).status).toBe(400)
  })

  it('of its name reaches receivers with the next event', async () => {
    const tenant = await createTenant('Before')
    const key = await createKey(tenant)
    const receiver = openReceiver()
    const body = { type: 'webhook', events: ['document_predict'], target: receiver.url }
    expect((await asking(sendAs(key))('POST', '/integrations', body)).status).toBe(200)
    const send = () => publish(key, { type: 'document_predict', data: '{"id":"1"}' })
    await send()
    const [first] = await receiver.received(1)
    expect(first?.body).toContain('"Before"')
    await change(tenant.id, { name: 'After' })
    await send()
    const [, second] = await receiver.received(2)
    expect(second?.body).toContain('"After"')
  })
})
