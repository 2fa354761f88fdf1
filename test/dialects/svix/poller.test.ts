// Polling endpoints, as the SDK reads them.

import type { Svix } from 'svix'
import { beforeAll, describe, expect, it } from 'vitest'
import { createOperatorKey, send } from '../../fixtures/hookline.ts'
import { openClient } from './clients.ts'

let svix: Svix
let token: string
let app: string
beforeAll(async () => {
  token = (await createOperatorKey()).token
  svix = await openClient(token)
  app = (await svix.application.create({ name: 'Acme', uid: `poll-${crypto.randomUUID()}` })).id
})

async function newSink(fields: object = {}): Promise<string> {
  const { uid } = await svix.application.get(app)
  const body = JSON.stringify({ pull: true, eventTypes: ['*'], ...fields })
  const path = `/v1/tenants/${uid}/webhooks`
  const made = await send({ method: 'POST', path, body }, { authorization: `Bearer ${token}` })
  return (made.body as { id: string }).id
}
const publish = async (eventType: string, payload: object, more: object = {}) =>
  (await svix.message.create(app, { eventType, payload, ...more })).id

describe('messagePoller', () => {
  it('reads messages in order, from an iterator on', async () => {
    const sink = await newSink({ uid: 'mine', eventTypes: ['a.*'] })
    const ids = [
      await publish('a.one', { n: 1 }, { channels: ['x'], eventId: crypto.randomUUID() }),
      await publish('a.two', { n: 2 }),
    ]
    await publish('b', {})
    const first = await svix.message.poller.poll(app, sink, { limit: 1 })
    expect(first).toMatchObject({ data: [{ id: ids[0], payload: { n: 1 } }], done: false })
    const { iterator } = first
    const second = await svix.message.poller.poll(app, 'mine', { iterator })
    expect(second).toMatchObject({ data: [{ id: ids[1], eventType: 'a.two' }], done: true })
    const some = async (options: object) =>
      (await svix.message.poller.poll(app, sink, options)).data.map(({ id }) => id)
    expect(await some({ iterator: second.iterator })).toEqual([])
    expect(await some({ eventType: 'a.two' })).toEqual([ids[1]])
    expect(await some({ channel: 'x' })).toEqual([ids[0]])
    expect(await some({ after: new Date(Date.now() + 60_000) })).toEqual([])
    expect(await some({ after: new Date(Date.now() - 60_000) })).toEqual(ids)
  })

  it('goes on where a consumer stands, which an iterator moves', async () => {
    const sink = await newSink({ eventTypes: ['c'] })
    const ids = [await publish('c', { n: 1 }), await publish('c', { n: 2 })]
    const read = async (options: object = {}) => {
      const page = await svix.message.poller.consumerPoll(app, sink, 'billing', options)
      return { ids: page.data.map(({ id }) => id), iterator: page.iterator }
    }
    const { ids: seen, iterator } = await read({ limit: 1 })
    expect(seen).toEqual(ids.slice(0, 1))
    expect((await read()).ids).toEqual(ids)
    expect((await read({ iterator })).ids).toEqual(ids.slice(1))
    expect((await read()).ids).toEqual(ids.slice(1))
    const after = new Date(Date.now() - 60_000)
    const sought = await svix.message.poller.consumerSeek(app, sink, 'billing', { after })
    expect(sought.iterator).toMatch(/^pull\./)
    expect((await read()).ids).toEqual(ids)
  })

  it('gives what the expression of the sink makes', async () => {
    const sink = await newSink({ eventTypes: ['d'], body: '{"double": 2 * data.n}' })
    await publish('d', { n: 21 })
    const { data } = await svix.message.poller.poll(app, sink)
    expect(data.map(({ payload }) => payload)).toEqual([{ double: 42 }])
  })

  it('is refused in the shape of Svix', async () => {
    const sink = await newSink()
    const refusalOf = async (call: Promise<unknown>) =>
      call.then(
        () => null,
        ({ code, body }: { code: number; body: object }) => ({ code, body }),
      )
    const { poller } = svix.message
    expect(await refusalOf(poller.poll(app, 'nothing'))).toMatchObject({ code: 404 })
    expect(await refusalOf(poller.poll(app, sink, { iterator: 'x' }))).toMatchObject({
      code: 422,
      body: { detail: [expect.anything()] },
    })
    const after = new Date(Date.now() + 2 * 86_400_000)
    expect(await refusalOf(poller.consumerSeek(app, sink, 'c', { after }))).toMatchObject({
      code: 422,
      body: { detail: [{ loc: ['body', 'after'], msg: 'A time that has not come.' }] },
    })
    const before = { after: new Date('1960-01-01T00:00:00Z') }
    expect(await refusalOf(poller.consumerSeek(app, sink, 'c', before))).toBeNull()
    const endpoint = await svix.endpoint.create(app, { url: 'https://receiver.example/' })
    expect(await refusalOf(poller.poll(app, endpoint.id))).toMatchObject({ code: 409 })
  })
})
