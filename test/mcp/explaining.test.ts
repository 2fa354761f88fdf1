// What is said of an event as a whole, and of what an answer has no room for.

import { describe, expect, it } from 'vitest'
import { asking, NOBODY } from '../api/asked.ts'
import { createKey, createTenant, publish, sendAs } from '../fixtures/hookline.ts'
import { agentWith } from './agent.ts'
import { withApi } from './api.ts'

describe('an event that lies ready to be pulled', () => {
  it('is not counted among those that a webhook has', async () => {
    const key = await createKey(await createTenant())
    await asking(sendAs(key))('POST', '/v1/webhooks', { pull: true, eventTypes: ['a'] })
    const eventId = await publish(key, { type: 'a', data: '{}' })
    const { facts, says } = await (await agentWith(key)).call('explain_delivery', { eventId })
    expect(facts).toMatchObject({ deliveries: [{ status: 'pullable' }] })
    expect(says).toBe(
      'It was for 1 of the webhooks asked about, 0 of which have it, and lies ready to be pulled at 1.',
    )
  })
})

describe('an answer without room for all', () => {
  const event = {
    ...{ id: NOBODY, type: 'a', time: '2026-11-28T00:00:00Z', state: 'accepted' },
    ...{ deliverAt: null, expungedAt: null, scope: { long: 'x'.repeat(50_000) }, channels: [] },
    ...{ tags: [], uid: null, actor: null, requestId: null, data: {} },
    ...{ deliveries: [], unmatched: { items: [], nextCursor: null } },
  }
  const { ask } = withApi(({ url }) =>
    Response.json(url.includes(NOBODY) ? event : { items: [event], nextCursor: null }),
  )

  it.each([
    ['explain_delivery', { eventId: NOBODY }, 'ask about one webhook alone (`webhookId`)'],
    [
      'get_event',
      { eventId: NOBODY },
      'explain_delivery shows each delivery alone, by its `webhookId`',
    ],
    ['search_events', {}, 'ask for fewer (`limit`), or for one alone (get_event)'],
    ['wait_for_event', { after: '2026-11-01T00:00:00Z' }, 'get_event shows its data in pieces'],
  ])('says what to ask in place of %s', async (name, args, how) => {
    const answer = (await (await ask(name, args)).json()) as {
      result: { structuredContent: { says: string } }
    }
    const { says } = answer.result.structuredContent
    expect(says.slice(says.indexOf('One item'))).toBe(`One item is shortened: ${how}.`)
  })
})
