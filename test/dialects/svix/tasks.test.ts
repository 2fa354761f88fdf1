// Background tasks of all applications, as the SDK lists them.

import { BackgroundTaskStatus, BackgroundTaskType, Ordering, type Svix } from 'svix'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createKey, createTenant, openReceiver } from '../../fixtures/hookline.ts'
import { openClient } from './clients.ts'

const WAIT = { timeout: 10_000, interval: 50 }
const EPOCH = new Date('2020-01-01T00:00:00Z')

let svix: Svix
const ids: string[] = []
beforeAll(async () => {
  svix = await openClient()
  for (let n = 0; n < 3; n += 1) {
    const app = await svix.application.create({ name: `App ${n}` })
    const endpoint = await svix.endpoint.create(app.id, { url: openReceiver().url })
    const recovered = await svix.endpoint.recover(app.id, endpoint.id, { since: EPOCH })
    const replayed = await svix.endpoint.replayMissing(app.id, endpoint.id, { since: EPOCH })
    ids.push(recovered.id, replayed.id)
  }
})

describe('background tasks', () => {
  it('are listed of all applications in both orders, forwards and backwards', async () => {
    const { data } = await svix.backgroundTask.list({ order: Ordering.Ascending, limit: 250 })
    expect(data.map(({ id }) => id).filter((id) => ids.includes(id))).toEqual(ids)
    const newest = await svix.backgroundTask.list({ limit: 2 })
    expect(newest).toMatchObject({ data: [{ id: ids[5] }, { id: ids[4] }], done: false })
    const iterator = newest.iterator ?? ''
    const next = await svix.backgroundTask.list({ limit: 2, iterator })
    expect(next.data.map(({ id }) => id)).toEqual([ids[3], ids[2]])
    const back = await svix.backgroundTask.list({ limit: 2, iterator: next.prevIterator ?? '' })
    expect(back).toMatchObject({ data: [{ id: ids[5] }, { id: ids[4] }], done: true })
  })

  it('are listed by what they do and how they stand', async () => {
    const list = async (asked: Parameters<typeof svix.backgroundTask.list>[0]) => {
      const { data } = await svix.backgroundTask.list({ limit: 250, ...asked })
      return data.map(({ id }) => id).filter((id) => ids.includes(id))
    }
    const recoveries = await list({ task: BackgroundTaskType.EndpointRecover })
    expect(recoveries).toEqual([ids[4], ids[2], ids[0]])
    await vi.waitFor(async () => {
      expect(await list({ status: BackgroundTaskStatus.Finished })).toEqual(ids.toReversed())
    }, WAIT)
    expect(await list({ status: BackgroundTaskStatus.Failed })).toEqual([])
  })

  it('go on behind what was not asked for', async () => {
    const asked = { task: BackgroundTaskType.EndpointReplay, limit: 1 }
    const seen: string[] = []
    for (let iterator: string | null = null; seen.length < 3; ) {
      const page = await svix.backgroundTask.list({ ...asked, ...(iterator && { iterator }) })
      seen.push(...page.data.map(({ id }) => id))
      expect(page.done && seen.length < 3).toBe(false)
      iterator = page.iterator
    }
    expect(seen).toEqual([ids[5], ids[3], ids[1]])
  })

  it('go with their application', async () => {
    const app = await svix.application.create({ name: 'Gone' })
    const endpoint = await svix.endpoint.create(app.id, { url: openReceiver().url })
    const { id } = await svix.endpoint.recover(app.id, endpoint.id, { since: EPOCH })
    await svix.application.delete(app.id)
    await vi.waitFor(async () => {
      const { data } = await svix.backgroundTask.list({ limit: 250 })
      expect(data.map((task) => task.id)).not.toContain(id)
    }, WAIT)
  })

  it('are the operator’s to list', async () => {
    const { token } = await createKey(await createTenant())
    const list = (await openClient(token)).backgroundTask.list()
    await expect(list).rejects.toMatchObject({ code: 403 })
    const wrong = svix.backgroundTask.list({ iterator: 'nothing' })
    await expect(wrong).rejects.toMatchObject({ code: 422 })
  })
})
