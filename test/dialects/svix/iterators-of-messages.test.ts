// Pages of a message's attempts and of an endpoint's messages, forwards and backwards, filtered, in pages of any size.

import { MessageStatus, Ordering, type Svix } from 'svix'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createOperatorKey, openReceiver, send } from '../../fixtures/hookline.ts'
import { openClient } from './clients.ts'

const MESSAGES = 30
const RESENDS = 8
const WAIT = { timeout: 10_000, interval: 20 }
const SINCE = new Date('2020-01-01T00:00:00Z')

let svix: Svix
let app = ''
let good = ''
let mixed = ''
let message = ''
/** When each was tried once, and none a second time. */
let allTried: Date
/** Of all messages, newest first. */
let messages: { id: string; n: number }[] = []

beforeAll(async () => {
  const { token } = await createOperatorKey()
  svix = await openClient(token)
  const uid = `it-${crypto.randomUUID()}`
  app = (await svix.application.create({ name: 'Acme', uid })).id
  const receiver = openReceiver()
  const refusing = openReceiver(
    ({ body }) => new Response(null, { status: JSON.parse(body).n % 3 === 0 ? 500 : 204 }),
  )
  good = (await svix.endpoint.create(app, { url: receiver.url })).id
  mixed = (await svix.endpoint.create(app, { url: refusing.url })).id
  const events = Array.from({ length: MESSAGES }, (_, n) => ({
    ...{ tenant: uid, type: n % 2 === 0 ? 'a.even' : 'a.odd', data: { n } },
    ...(n % 5 === 0 && { tags: ['five'] }),
  }))
  await send(
    { method: 'POST', path: '/v1/events', body: JSON.stringify(events) },
    { authorization: `Bearer ${token}` },
  )
  await receiver.received(MESSAGES)
  await refusing.received(MESSAGES)
  allTried = new Date()
  const { data } = await svix.message.list(app, { limit: 250, withContent: true })
  messages = data.map(({ id, payload }) => ({ id, n: payload.n }))
  message = messages.find(({ n }) => n === 1)?.id ?? ''
  const attempted = (count: number) =>
    vi.waitFor(async () => {
      const { data: all } = await svix.messageAttempt.listByMsg(app, message, { limit: 250 })
      expect(all).toHaveLength(count)
    }, WAIT)
  await attempted(2)
  for (let n = 1; n <= RESENDS; n += 1) {
    for (const endpoint of [good, mixed]) await svix.messageAttempt.resend(app, message, endpoint)
    await attempted(2 * (n + 1))
  }
  await vi.waitFor(async () => {
    const listed = await svix.messageAttempt.listAttemptedMessages(app, mixed, { limit: 250 })
    expect(listed.data.every(({ status }) => status !== MessageStatus.Sending)).toBe(true)
  }, WAIT)
}, 60_000)

interface Page {
  readonly data: readonly { readonly id: string }[]
  readonly iterator: string | null
  readonly prevIterator?: string | null
  readonly done: boolean
}
type Read = (asked: { limit: number; iterator?: string }) => Promise<Page>

/** Sizes of pages, the same for a seed. */
function* sizesOf(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    yield 1 + (Math.floor(state / 65_536) % 7)
  }
}

/** What a list shows page by page to its end, and back from there to its beginning. */
async function thereAndBack(read: Read, seed: number) {
  const sizes = sizesOf(seed)
  const limit = () => sizes.next().value ?? 1
  const there: string[] = []
  let page = await read({ limit: limit() })
  let last = page
  for (let reads = 0; reads < 200; reads += 1) {
    there.push(...page.data.map(({ id }) => id))
    if (page.data.length > 0) last = page
    if (page.done) break
    page = await read({ limit: limit(), iterator: page.iterator ?? '' })
  }
  const back = last.data.map(({ id }) => id)
  page = last
  for (let reads = 0; reads < 200 && page.prevIterator; reads += 1) {
    page = await read({ limit: limit(), iterator: page.prevIterator })
    back.unshift(...page.data.map(({ id }) => id))
    if (page.done) break
  }
  return { there, back }
}

const SEEDS = [1, 2, 3]
const ids = (wanted: (n: number) => boolean) =>
  messages.filter(({ n }) => wanted(n)).map(({ id }) => id)

describe.each(SEEDS)('in pages of sizes of seed %i, each once in both directions, are', (seed) => {
  it.each<[string, object, number]>([
    ['all', {}, 2 * (RESENDS + 1)],
    ['those to an endpoint', { toGood: true }, RESENDS + 1],
    ['those that succeeded', { status: MessageStatus.Success }, 2 * (RESENDS + 1)],
    ['those that failed', { status: MessageStatus.Fail }, 0],
    ['those of a class of status codes', { statusCodeClass: 200 }, 2 * (RESENDS + 1)],
    ['those after a time', { after: SINCE }, 2 * (RESENDS + 1)],
  ])('the attempts of a message: %s', async (_, asked, count) => {
    const filter = 'toGood' in asked ? { endpointId: good } : asked
    const { there, back } = await thereAndBack(
      (page) => svix.messageAttempt.listByMsg(app, message, { ...page, ...filter }),
      seed,
    )
    expect(there).toHaveLength(count)
    expect(new Set(there).size).toBe(there.length)
    expect(back).toEqual(there)
  })

  it.each<[string, object, (n: number) => boolean]>([
    ['all', {}, () => true],
    ['those of a type', { eventTypes: ['a.even'] }, (n) => n % 2 === 0],
    ['those with a tag', { tag: 'five' }, (n) => n % 5 === 0],
    ['those delivered', { status: MessageStatus.Success }, (n) => n % 3 !== 0],
    [
      'those not delivered, of a type',
      { status: MessageStatus.Pending, eventTypes: ['a.odd'] },
      (n) => n % 3 === 0 && n % 2 === 1,
    ],
    ['none', { tag: 'nothing' }, () => false],
  ])('the messages of an endpoint: %s', async (_, filter, isWanted) => {
    const { there, back } = await thereAndBack(
      (page) => svix.messageAttempt.listAttemptedMessages(app, mixed, { ...page, ...filter }),
      seed,
    )
    expect(there).toEqual(ids(isWanted))
    expect(back).toEqual(there)
  })

  it.each<[string, object, (n: number) => boolean]>([
    ['all', {}, () => true],
    ['those of a type', { eventTypes: ['a.odd'] }, (n) => n % 2 === 1],
    ['those with a tag', { tag: 'five' }, (n) => n % 5 === 0],
  ])('the messages of an application: %s', async (_, filter, isWanted) => {
    const { there, back } = await thereAndBack(
      (page) => svix.message.list(app, { ...page, ...filter }),
      seed,
    )
    expect(there).toEqual(ids(isWanted))
    expect(back).toEqual(there)
  })

  it('the attempts to an endpoint that failed', async () => {
    const failed = { status: MessageStatus.Fail }
    const { there, back } = await thereAndBack(
      (page) =>
        svix.messageAttempt.listByEndpoint(app, mixed, { ...page, ...failed, before: allTried }),
      seed,
    )
    expect(there).toHaveLength(MESSAGES / 3)
    expect(back).toEqual(there)
  })

  it.each([Ordering.Ascending, Ordering.Descending])('the endpoints, %s', async (order) => {
    const { there, back } = await thereAndBack(
      (page) => svix.endpoint.list(app, { ...page, order }),
      seed,
    )
    expect(there).toEqual(order === Ordering.Ascending ? [good, mixed] : [mixed, good])
    expect(back).toEqual(there)
  })
})
