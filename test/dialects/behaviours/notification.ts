// What a receiver gets, to the byte.

import { expect } from 'vitest'
import { openReceiver, publish } from '../../fixtures/hookline.ts'
import { type Behaviour, make, openWorld } from './world.ts'

export const notification = {
  'notifies in the vendor’s words, to the byte': async (subject) => {
    const world = await openWorld()
    const receiver = openReceiver()
    const { answer } = await make(subject, world, receiver.url)
    const { event, headers, signed, body } = subject.notified(world.tenant, answer.body)
    const eventId = await publish(world.key, event)
    const [request] = await receiver.received(1)
    expect(request).toEqual({
      method: 'POST',
      url: receiver.url,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Hookline/0.1.0',
        'webhook-id': eventId,
        'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
        ...(signed && { 'webhook-signature': expect.stringMatching(/^v1a?,\S+$/) }),
        ...headers,
      },
      body: expect.any(String),
    })
    const expected = body(eventId)
    if (typeof expected === 'string') expect(request?.body).toBe(expected)
    else expect(request?.body).toMatch(expected)
  },
} satisfies Record<string, Behaviour>
