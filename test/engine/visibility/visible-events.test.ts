// What of a tenant's events a user's key sees, and that no page hides what follows it. Whose a webhook is, is told by the
// webhooks it sees.

import { describe, expect, it } from 'vitest'
import type { Events, Webhooks } from '../../../src/engine/index.ts'
import type { LoggedEvent, Webhook } from '../../../src/engine/model/index.ts'
import type { EventQuery } from '../../../src/engine/ports/index.ts'
import { eventsSeen } from '../../../src/engine/visibility/visible-events.ts'

const ADA = { tenantId: 't', subject: 'ada', owners: ['ada'] }

const event = (id: string, ...webhookIds: string[]): LoggedEvent => ({
  id,
  type: 'x',
  time: '2026-11-22T10:00:00.000Z',
  data: '{}',
  scope: {},
  actor: null,
  requestId: null,
  webhookIds,
})

/** A log with a page per array; a cursor is the number of the next one. Ada's webhook is `mine`. */
function open(...pages: readonly LoggedEvent[][]) {
  const asked: (string | undefined)[] = []
  const resent: unknown[] = []
  const all = {
    list: async (_tenantId: string, { cursor, order }: EventQuery) => {
      asked.push(cursor)
      const number = Number(cursor ?? 0)
      const items = pages[number] ?? []
      const goesOn = order === 'oldest' ? items.length > 0 : number + 1 < pages.length
      return { items, nextCursor: goesOn ? String(number + 1) : null }
    },
    listByRequest: async (_tenantId: string, _requestId: string, after: string | null) => {
      asked.push(after ?? undefined)
      const number = after === null ? 0 : pages.findIndex((page) => page.at(-1)?.id === after) + 1
      return { items: pages[number] ?? [], more: number + 1 < pages.length }
    },
    get: async (_tenantId: string, id: string) => pages.flat().find((one) => one.id === id),
    unmatched: async (_tenantId: string, id: string, page: object) => {
      asked.push(JSON.stringify({ id, ...page }))
      return { items: [], nextCursor: null }
    },
    deliveries: async () => [{ webhookId: 'mine' }, { webhookId: 'theirs' }],
    resend: async (...args: unknown[]) => void resent.push(args),
    usage: async () => [{ day: 0, events: 1, deliveries: 1, bytes: 1, invalid: 0 }],
  } as unknown as Events
  const webhooks = {
    listIds: async () => ['mine'],
    get: async ({ id }: { id: string }) => {
      if (id !== 'mine') throw new Error('No such webhook.')
    },
  } as unknown as Webhooks
  return { events: eventsSeen(all, webhooks, ADA), asked, resent }
}

const hidden = (id: string) => event(id, 'theirs')
const ids = ({ items }: { items: readonly LoggedEvent[] }) => items.map(({ id }) => id)

describe('a list', () => {
  it('has the events that reached a webhook that is seen, each with these webhooks alone', async () => {
    const { events } = open([event('1', 'theirs', 'mine'), hidden('2'), event('3')])
    expect(await events.list('t', { limit: 9 })).toEqual({
      items: [event('1', 'mine')],
      nextCursor: null,
    })
  })

  it('reads on over pages that show nothing, and goes on behind the one that shows something', async () => {
    const { events, asked } = open(
      [hidden('1')],
      [hidden('2')],
      [event('3', 'mine')],
      [hidden('4')],
    )
    const page = await events.list('t', { limit: 1 })
    expect([ids(page), page.nextCursor, asked]).toEqual([['3'], '3', [undefined, '1', '2']])
    expect(await events.list('t', { limit: 1, cursor: '3' })).toEqual({
      items: [],
      nextCursor: null,
    })
  })

  it('reads ten pages that show nothing, and says where others follow', async () => {
    const { events, asked } = open(...Array.from({ length: 12 }, (_, n) => [hidden(String(n))]))
    expect(await events.list('t', { limit: 1 })).toEqual({ items: [], nextCursor: '10' })
    expect(asked).toHaveLength(10)
  })

  it('that is read as it grows goes on behind what was not seen', async () => {
    const { events } = open([hidden('1')], [hidden('2')])
    const page = await events.list('t', { limit: 1, order: 'oldest' })
    expect(page).toEqual({ items: [], nextCursor: '2' })
  })
})

it('of a tenant are not counted to a user', async () => {
  expect(await open([event('1', 'mine')]).events.usage('t')).toEqual([])
})

describe('the events of a request', () => {
  it('are read on while a page shows nothing to go on behind', async () => {
    const { events, asked } = open(
      [hidden('1')],
      [hidden('2')],
      [event('3', 'mine')],
      [hidden('4')],
    )
    const first = await events.listByRequest('t', 'r', null)
    expect([ids(first), first.more, asked]).toEqual([['3'], true, [undefined, '1', '2']])
    expect(await events.listByRequest('t', 'r', '3')).toEqual({ items: [], more: false })
  })
})

describe('an event that reached no webhook that is seen', () => {
  it.each([
    ['reached others', hidden('1')],
    ['matched none', event('1')],
  ])('because it %s is not found, and not sent again', async (_, stored) => {
    const { events, resent } = open([stored])
    for (const call of [
      events.get('t', '1'),
      events.deliveries('t', '1'),
      events.unmatched('t', '1', { limit: 1 }),
      events.resend('t', '1', null),
      events.resend('t', '1', 'mine'),
    ]) {
      await expect(call).rejects.toMatchObject({ code: 'not_found', message: 'No such event.' })
    }
    expect(resent).toEqual([])
  })
})

describe('an event that reached one', () => {
  it('shows how it fares there, and nowhere else', async () => {
    const { events } = open([event('1', 'mine', 'theirs')])
    expect(await events.deliveries('t', '1')).toEqual([{ webhookId: 'mine' }])
  })

  it('shows which webhooks it was not for among those that are seen', async () => {
    const { events, asked } = open([event('1', 'mine', 'theirs')])
    await events.unmatched('t', '1', { limit: 9 })
    expect(asked).toEqual(['{"id":"1","limit":9,"owners":["ada"]}'])
  })

  it('is sent again to a webhook that is seen, or to all of these', async () => {
    const { events, resent } = open([event('1', 'mine', 'theirs')])
    await expect(events.resend('t', '1', 'theirs')).rejects.toThrow('No such webhook.')
    await events.resend('t', '1', 'mine')
    await events.resend('t', '1', null)
    expect(resent).toEqual([
      ['t', '1', 'mine', expect.any(Function)],
      ['t', '1', null, expect.any(Function)],
    ])
    const [, , , among] = resent[1] as [string, string, null, (webhook: object) => boolean]
    const owned = (owner: string | null, tenantId = 't') =>
      among({ owner, tenantId } satisfies Partial<Webhook>)
    expect([owned('ada'), owned('bob'), owned(null), owned('ada', 'u')]).toEqual([
      true,
      false,
      false,
      false,
    ])
  })
})
