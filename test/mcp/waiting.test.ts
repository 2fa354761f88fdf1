// Waiting for an event: until it comes, until the time is over, until the caller goes away.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { timeOf } from '../../src/primitives/ids.ts'
import { asking } from '../api/asked.ts'
import { createKey, createTenant, publish, sendAs } from '../fixtures/hookline.ts'
import { type Agent, agentWith } from './agent.ts'
import { withApi } from './api.ts'

const key = await createKey(await createTenant())
const agent: Agent = await agentWith(key)
const NONE = { items: [], nextCursor: null }

/** All of one type in one request, and so of one moment, in their order. */
async function publishAtOnce(type: string, count: number): Promise<readonly string[]> {
  const { body } = await asking(sendAs(key))(
    'POST',
    '/v1/events',
    Array.from({ length: count }, (_, n) => ({ type, data: { n } })),
  )
  return (body as { events: { id: string }[] }).events.map(({ id }) => id)
}

/** What an agent is told of that always goes on, until none is left. */
async function idsFrom(after: string, type: string): Promise<readonly string[]> {
  const ids: string[] = []
  let from = after
  for (;;) {
    const { facts } = await agent.call('wait_for_event', { type, after: from, timeoutSeconds: 1 })
    if (facts.found !== true) return ids
    ids.push((facts.event as { id: string }).id)
    from = facts.after as string
  }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('an agent that waits', () => {
  it('is told of the first event that comes, while it waits', async () => {
    const waited = agent.call('wait_for_event', { type: 'comes', timeoutSeconds: 10 })
    await publish(key, { type: 'other', data: '{}' })
    const id = await publish(key, { type: 'comes', data: '{"n":1}' })
    const { facts, untrusted, says } = await waited
    expect(says).toBe(`An event came. To wait for the next one, ask again with after: ${id}.`)
    expect(facts).toMatchObject({ found: true, event: { id }, earlierLeftOut: false, others: 0 })
    expect(untrusted).toContain('{"type":"comes","data":{"n":1}}')
  })

  it('is told at once of one that came since it says, and how many followed', async () => {
    const after = new Date(Date.now() - 1_000).toISOString()
    const first = await publish(key, { type: 'came', data: '{}' })
    const second = await publish(key, { type: 'came', data: '{}' })
    const { facts } = await agent.call('wait_for_event', { type: 'came', after })
    expect(facts).toEqual({
      found: true,
      event: expect.objectContaining({ id: first }),
      earlierLeftOut: false,
      others: 1,
      after: first,
    })
    expect(await idsFrom(after, 'came')).toEqual([first, second])
  })

  it('is told of the first of more than a page, and then of each other one', async () => {
    const after = new Date(Date.now() - 1_000).toISOString()
    const ids = await publishAtOnce('crowd', 51)
    const { facts } = await agent.call('wait_for_event', { type: 'crowd', after })
    expect(facts).toMatchObject({ event: { id: ids[0] }, earlierLeftOut: false, others: 50 })
    expect(await idsFrom(after, 'crowd')).toEqual(ids)
  })

  it('is told of the next one of the same millisecond', async () => {
    const after = new Date(Date.now() - 1_000).toISOString()
    const ids = await publishAtOnce('twins', 2)
    expect(new Set(ids.map(timeOf)).size).toBe(1)
    expect(await idsFrom(after, 'twins')).toEqual(ids)
  })

  it('is told where so many came that only the newest were looked at', async () => {
    const id = (n: number) => `019ad1f2-0000-7000-8000-${String(n).padStart(12, '0')}`
    const event = (n: number) => ({
      ...{ id: id(n), type: 'a', time: '2026-11-28T00:00:00Z', state: 'accepted' },
      ...{ deliverAt: null, expungedAt: null, scope: {}, channels: [], tags: [] },
      ...{ uid: null, actor: null, requestId: null, data: {} },
    })
    let newest = 9_999
    const { ask } = withApi(() => {
      newest -= 1
      return Response.json({ items: [event(newest)], nextCursor: 'events.more' })
    })
    const answer = await ask('wait_for_event', { after: '2026-11-27T00:00:00Z' })
    const { result } = (await answer.json()) as { result: { structuredContent: object } }
    expect(result.structuredContent).toMatchObject({
      says: expect.stringMatching(/^More came than are looked at: .* the newest 20,/),
      ...{ found: true, event: { id: id(9_979) }, earlierLeftOut: true, others: 19 },
    })
  })

  it.each(['01900000-0000-4000-8000-000000000000', 'events.x'])(
    'is told that %s is nothing to go on from',
    async (after) => {
      const { isError, text } = await agent.call('wait_for_event', { after, timeoutSeconds: 1 })
      expect(isError).toBe(true)
      expect(text).toMatch(/after.*RFC 3339.*\(400\)/s)
    },
  )

  it('is told that none came, and how to go on', async () => {
    const after = new Date().toISOString()
    const { isError, facts, says } = await agent.call('wait_for_event', {
      type: 'never',
      after,
      timeoutSeconds: 1,
    })
    expect(isError).toBe(false)
    expect(facts).toEqual({ found: false, event: null, earlierLeftOut: false, others: 0, after })
    expect(says).toBe(
      `No such event came in 1 s. To go on waiting, ask again with after: ${after}.`,
    )
  })

  it('has `/v1` asked once a second, for 30 s at most', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const asked: string[] = []
    const { ask } = withApi(({ url }) => {
      asked.push(url)
      return Response.json(NONE)
    })
    const answer = ask('wait_for_event', { type: 'a', timeoutSeconds: 30 })
    for (let second = 0; second < 31; second += 1) await vi.advanceTimersByTimeAsync(1_000)
    expect(await (await answer).json()).toMatchObject({
      result: { structuredContent: { found: false } },
    })
    expect(asked).toHaveLength(31)
    expect(asked[0]).toMatch(/\/v1\/events\?type=a&after=.+&limit=50$/)
  })

  it('is waited for no longer once the runtime says that it has gone away', async () => {
    let asked = 0
    const gone = new AbortController()
    const { ask } = withApi(() => {
      asked += 1
      if (asked === 2) gone.abort()
      return Response.json(NONE)
    })
    await ask('wait_for_event', { timeoutSeconds: 30 }, gone.signal)
    expect(asked).toBe(2)
  })
  it('is not known to have gone away where the runtime does not say so, as docs/mcp.md has it', () => {
    expect(Cloudflare.compatibilityFlags.enable_request_signal ?? false).toBe(false)
  })
})
