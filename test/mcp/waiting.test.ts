// Waiting for an event: until it comes, until the time is over, until the caller goes away.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { createKey, createTenant, publish } from '../fixtures/hookline.ts'
import { type Agent, agentWith } from './agent.ts'
import { withApi } from './api.ts'

const key = await createKey(await createTenant())
const agent: Agent = await agentWith(key)
const NONE = { items: [], nextCursor: null }

afterEach(() => {
  vi.useRealTimers()
})

describe('an agent that waits', () => {
  it('is told of the first event that comes, while it waits', async () => {
    const waited = agent.call('wait_for_event', { type: 'comes', timeoutSeconds: 10 })
    await publish(key, { type: 'other', data: '{}' })
    const id = await publish(key, { type: 'comes', data: '{"n":1}' })
    const { facts, untrusted, says } = await waited
    expect(says).toBe('An event came.')
    expect(facts).toMatchObject({ found: true, event: { id }, others: 0 })
    expect(untrusted).toContain('{"type":"comes","data":{"n":1}}')
  })

  it('is told at once of one that came since it says, and how many followed', async () => {
    const after = new Date(Date.now() - 1_000).toISOString()
    const first = await publish(key, { type: 'came', data: '{}' })
    await publish(key, { type: 'came', data: '{}' })
    const { facts } = await agent.call('wait_for_event', { type: 'came', after })
    expect(facts).toEqual({
      found: true,
      event: expect.objectContaining({ id: first }),
      others: 1,
      after,
    })
  })

  it('is told that none came, and how to go on', async () => {
    const after = new Date().toISOString()
    const { isError, facts, says } = await agent.call('wait_for_event', {
      type: 'never',
      after,
      timeoutSeconds: 1,
    })
    expect(isError).toBe(false)
    expect(facts).toEqual({ found: false, event: null, others: 0, after })
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

  it('is waited for no longer once it has gone away', async () => {
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
})
