// What is not shown of the URL of a webhook is not to be had in another way either: by a search, or from who repeats it.

import { beforeAll, describe, expect, it } from 'vitest'
import { withoutHidden } from '../../src/mcp/hidden.ts'
import { asking } from '../api/asked.ts'
import {
  createKey,
  createTenant,
  openReceiver,
  publish,
  sendAs,
  type TestKey,
} from '../fixtures/hookline.ts'
import { type Agent, agentWith } from './agent.ts'

async function newWebhook(key: TestKey, fields: object): Promise<string> {
  const { body, text } = await asking(sendAs(key))('POST', '/v1/webhooks', fields)
  expect(body, text).toHaveProperty('id')
  return (body as { id: string }).id
}

describe('a search for webhooks', () => {
  let agent: Agent
  let ids: readonly string[]

  const found = async (search: string, args: object = {}) => {
    const { facts } = await agent.call('list_webhooks', { search, ...args })
    return {
      ids: (facts.webhooks as { id: string }[]).map(({ id }) => id),
      nextCursor: facts.nextCursor,
    }
  }

  beforeAll(async () => {
    const key = await createKey(await createTenant())
    agent = await agentWith(key)
    const of = (name: string) =>
      newWebhook(key, {
        ...{ url: `https://example.com/${name}?token=Hidden-Value`, eventTypes: ['*'] },
        ...{ name, uid: `uid-of-${name}` },
      })
    ids = [await of('one'), await of('two')]
  })

  it.each(['token=h', 'hidden', 'Hidden-Value', '=Hidden'])(
    'finds none by what is hidden, nor tells that there are more: %s',
    async (search) => {
      expect(await found(search)).toEqual({ ids: [], nextCursor: null })
      expect(await found(search, { limit: 1 })).toEqual({ ids: [], nextCursor: null })
    },
  )

  it.each(['EXAMPLE.com/one', 'One', 'uid-of-one'])(
    'finds one by what is shown: %s',
    async (search) => {
      expect(await found(search)).toEqual({ ids: [ids[0]], nextCursor: null })
    },
  )

  it('finds one by its id, and none where another filter leaves it out', async () => {
    expect(await found(ids[1]?.toUpperCase() ?? '')).toEqual({ ids: [ids[1]], nextCursor: null })
    expect(await found('one', { status: 'disabled' })).toEqual({ ids: [], nextCursor: null })
  })

  it('goes on where a page of what was found ended', async () => {
    const first = await found('?token', { limit: 1 })
    expect(first).toEqual({ ids: [ids[0]], nextCursor: expect.any(String) })
    const second = await found('?token', { limit: 1, cursor: first.nextCursor })
    expect(second).toEqual({ ids: [ids[1]], nextCursor: null })
  })
})

describe('a receiver that repeats the request to it', () => {
  it('tells no agent the values of its parameters', async () => {
    const key = await createKey(await createTenant())
    const receiver = openReceiver(({ url }) => new Response(`Cannot POST ${url}`, { status: 400 }))
    const webhookId = await newWebhook(key, {
      ...{ url: `${receiver.url}&token=hidden/value&short=abc`, eventTypes: ['*'] },
      failureHandling: { triggers: ['4xx'], retry: null },
    })
    const eventId = await publish(key, { type: 'a', data: '{}' })
    const path = `/v1/webhooks/${webhookId}/attempts`
    await expect
      .poll(async () => (await asking(sendAs(key))('GET', path)).text)
      .toContain('hidden/value')
    const { call } = await agentWith(key)
    for (const [name, args] of [
      ['get_event', { eventId }],
      ['explain_delivery', { eventId }],
      ['search_attempts', { webhookId }],
      ['search_attempts', { eventId }],
      ['search_attempts', {}],
    ] as const) {
      const { text } = await call(name, args)
      expect(text, name).not.toContain('hidden')
      if (name !== 'get_event') expect(text, name).toContain('&token=••••&short=abc')
    }
  })

  it.each([
    ['https://a.example/?k=secret-1', 'k=secret-1 secret-1', 'k=•••• ••••'],
    ['https://a.example/?k=a%20secret', 'a secret, a%20secret', '••••, ••••'],
    ['https://a.example/?k=sec"ret', String.raw`{"k":"sec\"ret"}`, '{"k":"••••"}'],
    ['https://user:pass%40word@a.example/', 'pass@word', '••••'],
    ['https://a.example/?k=secret-of-many', 'cut off: secret-of', 'cut off: ••••'],
    ['https://a.example/?k=short', 'short', 'short'],
    ['https://a.example/', 'anything', 'anything'],
    [null, 'anything', 'anything'],
  ])('of %s: %s', (url, text, shown) => {
    const given = {
      error: text,
      responseHeaders: { location: text },
      statusCode: 400,
      list: [text],
    }
    expect(withoutHidden(given, url)).toEqual({
      ...{ error: shown, responseHeaders: { location: shown }, statusCode: 400, list: [shown] },
    })
  })
})
