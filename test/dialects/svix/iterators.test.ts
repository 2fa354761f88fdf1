// Pages of attempts, whose list is not in the order of their ids within a millisecond.

import type { ListResponseMessageAttemptOut, Svix } from 'svix'
import { beforeAll, expect, it, vi } from 'vitest'
import { createOperatorKey, openReceiver, send } from '../../fixtures/hookline.ts'
import { openClient } from './clients.ts'

let svix: Svix
let app = ''
let endpoint = ''
beforeAll(async () => {
  const { token } = await createOperatorKey()
  svix = await openClient(token)
  const uid = `it-${crypto.randomUUID()}`
  app = (await svix.application.create({ name: 'Acme', uid })).id
  const receiver = openReceiver()
  endpoint = (await svix.endpoint.create(app, { url: receiver.url })).id
  const events = Array.from({ length: 12 }, () => ({ tenant: uid, type: 'a.b', data: {} }))
  await send(
    { method: 'POST', path: '/v1/events', body: JSON.stringify(events) },
    { authorization: `Bearer ${token}` },
  )
  await receiver.received(12)
  // Sent again by several tasks, so that attempts that were begun by several hands have the same millisecond.
  const since = new Date('2020-01-01T00:00:00Z')
  for (let n = 0; n < 9; n += 1) await svix.endpoint.bulkReplay(app, endpoint, { since })
  await vi.waitFor(
    async () => {
      const { data } = await svix.messageAttempt.listByEndpoint(app, endpoint, { limit: 250 })
      expect(data).toHaveLength(120)
    },
    { timeout: 20_000, interval: 200 },
  )
}, 60_000)

type Page = ListResponseMessageAttemptOut
const page = (limit: number, iterator: string | null | undefined): Promise<Page> =>
  svix.messageAttempt.listByEndpoint(app, endpoint, { limit, ...(iterator && { iterator }) })
const ids = ({ data }: Page) => data.map(({ id }) => id)

it.each([1, 3, 7])('pages of %i are the same backwards as forwards', async (limit) => {
  const pages: Page[] = []
  for (let iterator: string | null = null; ; iterator = pages.at(-1)?.iterator ?? null) {
    pages.push(await page(limit, iterator))
    if (pages.at(-1)?.done) break
  }
  const forwards = pages.flatMap(ids)
  expect(new Set(forwards).size).toBe(120)
  let last = pages.findLast(({ data }) => data.length > 0) as Page
  let backwards = ids(last)
  for (let n = 0; n < 200; n += 1) {
    last = await page(limit, last.prevIterator)
    backwards = [...ids(last), ...backwards]
    if (last.done) break
  }
  expect({ seen: new Set(backwards).size, lines: backwards.length }).toEqual({
    seen: 120,
    lines: 120,
  })
})

it('a page back and a page on lead to where one was', async () => {
  const wrong: number[] = []
  let here = await page(3, null)
  for (let n = 0; n < 30 && !here.done; n += 1) {
    const next = await page(3, here.iterator)
    const back = await page(3, next.prevIterator)
    const again = await page(3, back.iterator)
    if (JSON.stringify(ids(back)) !== JSON.stringify(ids(here))) wrong.push(n)
    else if (JSON.stringify(ids(again)) !== JSON.stringify(ids(next))) wrong.push(n)
    here = next
  }
  expect(wrong).toEqual([])
})
