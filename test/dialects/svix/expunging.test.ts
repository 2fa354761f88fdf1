// Contents of messages that are expunged, several at a time and all of an application, and payloads as texts.

import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { BulkExpungeStatus, messageInRaw, type Svix } from 'svix'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { fromSvixId } from '../../../src/dialects/svix/ids.ts'
import { createKey, createOperatorKey, openReceiver, sendAs } from '../../fixtures/hookline.ts'
import { openClient } from './clients.ts'

const WAIT = { timeout: 10_000, interval: 50 }
const GONE = { expired: true }

let svix: Svix
let ask: ReturnType<typeof sendAs>
beforeAll(async () => {
  const operator = await createOperatorKey()
  ask = sendAs(operator)
  svix = await openClient(operator.token)
})

async function openApp() {
  const app = await svix.application.create({ name: 'Acme' })
  const send = (payload: object, more = {}) =>
    svix.message.create(app.id, { eventType: 'a.b', payload, ...more })
  const payloads = async () => {
    const { data } = await svix.message.list(app.id, { withContent: true })
    return data.map(({ payload }) => payload).toReversed()
  }
  const uuid = fromSvixId('app', app.id) ?? ''
  return { app, send, payloads, uuid }
}

describe('several messages', () => {
  it('are expunged by their ids and by their `eventId`, and each is answered', async () => {
    const { app, send, payloads } = await openApp()
    const ids = [
      await send({ n: 0 }),
      await send({ n: 1 }, { eventId: 'one' }),
      await send({ n: 2 }),
    ]
    const [first = { id: '' }, second = { id: '' }] = ids
    const asked = { ids: [first.id, 'one', second.id, 'none', `msg_${'0'.repeat(27)}`] }
    expect(await svix.message.bulkExpungeContent(app.id, asked)).toEqual({
      results: {
        [first.id]: BulkExpungeStatus.Expunged,
        one: BulkExpungeStatus.Expunged,
        [second.id]: BulkExpungeStatus.Expunged,
        none: BulkExpungeStatus.NotFound,
        [`msg_${'0'.repeat(27)}`]: BulkExpungeStatus.NotFound,
      },
    })
    expect(await payloads()).toEqual([GONE, GONE, { n: 2 }])
    const again = await svix.message.bulkExpungeContent(app.id, { ids: [first.id] })
    expect(again.results).toEqual({ [first.id]: BulkExpungeStatus.Expunged })
  })

  it('are none where none are named, and no more than a hundred', async () => {
    const { app, payloads, send } = await openApp()
    await send({ n: 0 })
    expect(await svix.message.bulkExpungeContent(app.id)).toEqual({ results: {} })
    const many = Array.from({ length: 101 }, (_, n) => `m${n}`)
    const call = svix.message.bulkExpungeContent(app.id, { ids: many })
    await expect(call).rejects.toMatchObject({ code: 422 })
    expect(await payloads()).toEqual([{ n: 0 }])
    // What it cannot filter by is refused rather than passed over.
    const path = `/api/v1/app/${app.id}/msg/bulk-expunge`
    const body = JSON.stringify({ filter: { tag: 'x' } })
    expect(await ask({ method: 'POST', path, body })).toMatchObject({ status: 501 })
  })

  it('of another application are not found', async () => {
    const { send, payloads } = await openApp()
    const { id } = await send({ n: 0 })
    const other = await svix.application.create({ name: 'Other' })
    const { results } = await svix.message.bulkExpungeContent(other.id, { ids: [id] })
    expect(results).toEqual({ [id]: BulkExpungeStatus.NotFound })
    expect(await payloads()).toEqual([{ n: 0 }])
  })
})

describe('all messages of an application', () => {
  it('are expunged by a task, wherever they were, and later ones are not', async () => {
    const { app, send, payloads, uuid } = await openApp()
    const receiver = openReceiver(() => new Response('echo', { status: 500 }))
    const endpoint = await svix.endpoint.create(app.id, { url: receiver.url })
    const { id } = await send({ n: 0 })
    await send({ n: 1 })
    await receiver.received(2)
    const task = await svix.message.expungeAllContents(app.id)
    expect(task).toMatchObject({ status: 'running', task: 'application.purge_content' })
    await vi.waitFor(async () => {
      await runDurableObjectAlarm(env.EVENT_LOGS.getByName(uuid))
      expect(await payloads()).toEqual([GONE, GONE])
    }, WAIT)
    await vi.waitFor(async () => {
      const { data } = await svix.messageAttempt.listByMsg(app.id, id, { withContent: true })
      expect(data.map(({ response }) => response)).toEqual([''])
      const [told] = (await svix.messageAttempt.listAttemptedMessages(app.id, endpoint.id)).data
      expect(told?.statusText).toBe('canceled')
    }, WAIT)
    await send({ n: 2 })
    expect(await payloads()).toEqual([GONE, GONE, { n: 2 }])
    const start = Date.now()
    try {
      vi.useFakeTimers({ toFake: ['Date'], now: start + 62_000 })
      await vi.waitFor(async () => {
        await runDurableObjectAlarm(env.EVENT_LOGS.getByName(uuid))
        expect(await svix.backgroundTask.get(task.id)).toMatchObject({
          ...{ status: 'finished', task: 'application.purge_content' },
          data: { messagesPurged: 2 },
        })
      }, WAIT)
    } finally {
      vi.useRealTimers()
    }
    expect(await payloads()).toEqual([GONE, GONE, { n: 2 }])
  })

  it('are so for an operator that may erase, alone', async () => {
    const { app, uuid } = await openApp()
    const { token } = await createOperatorKey({ permissions: ['events:write'] })
    const one = (await openClient(token)).message.expungeAllContents(app.id)
    await expect(one).rejects.toMatchObject({ code: 403 })
    const key = await createKey({ id: uuid } as Parameters<typeof createKey>[0])
    const other = (await openClient(key.token)).message.expungeAllContents(app.id)
    await expect(other).rejects.toMatchObject({ code: 403 })
  })
})

it('a payload is read as a text: as it was written, raw, and expunged', async () => {
  const { app } = await openApp()
  const raw = async (id: string) =>
    (await ask({ method: 'GET', path: `/api/v1/app/${app.id}/msg/${id}/raw` })).body
  const path = `/api/v1/app/${app.id}/msg`
  const body = '{"eventType":"a.b","eventId":"one","payload":{"a": 1.10}}'
  await ask({ method: 'POST', path, body })
  expect(await raw('one')).toEqual({ payload: '{"a": 1.10}' })
  const { id } = await svix.message.create(app.id, messageInRaw('a.b', 'a;b', 'text/csv'))
  expect(await raw(id)).toEqual({ payload: 'a;b' })
  await svix.message.expungeContent(app.id, id)
  expect(await raw(id)).toEqual({ payload: '{"expired":true}' })
  expect(await raw('none')).toMatchObject({ code: 'not_found' })
})
