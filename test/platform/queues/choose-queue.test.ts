import { describe, expect, it } from 'vitest'
import { toDeliveryText, toRunMessage } from '../../../src/engine/messages/delivery-message.ts'
import { toEventMessages } from '../../../src/engine/messages/event-message.ts'
import { chooseQueue, queuesOf } from '../../../src/platform/queues/choose-queue.ts'
import { createDeliveryQueue } from '../../../src/platform/queues/delivery-queue.ts'
import { createEventQueue } from '../../../src/platform/queues/event-queue.ts'
import { newId } from '../../../src/primitives/ids.ts'
import { anEvent } from '../../fixtures/bench.ts'

/** A queue that notes the bodies that it is given. */
function noting(): { readonly queue: Queue; readonly bodies: string[] } {
  const bodies: string[] = []
  const queue = {
    send: async (body: string) => void bodies.push(body),
    sendBatch: async (messages: Iterable<{ readonly body: string }>) => {
      for (const { body } of messages) bodies.push(body)
    },
  } as unknown as Queue
  return { queue, bodies }
}

const TENANTS = Array.from({ length: 40 }, () => newId(Date.now()))

function purgeOf(webhookId: string): string {
  return toDeliveryText({ kind: 'purge', webhookId })
}

function eventMessageOf(tenantId: string): string {
  // A payload and a scope that look like another tenant's.
  const other = TENANTS[0] ?? ''
  const event = { ...anEvent({ data: `{"tenantId":"${other}"}` }), scope: { tenantId: other } }
  return toEventMessages({ tenantId, redelivered: false }, [event])[0] ?? ''
}

describe('the queues of a kind', () => {
  const [one, two, three] = [noting().queue, noting().queue, noting().queue]

  it.each([
    ['one', { ACCEPTED: one }, [one]],
    ['three', { ACCEPTED: one, ACCEPTED_3: three, ACCEPTED_2: two }, [one, two, three]],
    ['those up to a missing number', { ACCEPTED: one, ACCEPTED_3: three }, [one]],
    ['no variable of such a name', { ACCEPTED: one, ACCEPTED_2: 'two' }, [one]],
  ])('are %s', (_, env, expected) => {
    const found = queuesOf(env, 'ACCEPTED')
    expect(found).toHaveLength(expected.length)
    for (const [place, queue] of found.entries()) expect(queue).toBe(expected[place])
  })

  it('share the tenants, and all of a tenant goes by one', () => {
    const queues = [one, two, three]
    const chosen = TENANTS.map((tenantId) =>
      queues.indexOf(chooseQueue(queues, eventMessageOf(tenantId))),
    )
    expect(new Set(chosen)).toEqual(new Set([0, 1, 2]))
    const again = TENANTS.map((tenantId) =>
      queues.indexOf(
        chooseQueue(queues, toEventMessages({ tenantId, redelivered: true }, [anEvent()])[0] ?? ''),
      ),
    )
    expect(again).toEqual(chosen)
  })

  it('take messages of no tenant, too', () => {
    const queues = [one, two]
    const chosen = TENANTS.map((id) => queues.indexOf(chooseQueue(queues, purgeOf(id))))
    expect(new Set(chosen)).toEqual(new Set([0, 1]))
  })
})

describe('what is sent', () => {
  it('to the accepted queues, or goes on there, is in that of its tenant', async () => {
    const [first, second] = [noting(), noting()]
    const queue = createEventQueue([first.queue, second.queue], async () => {})
    for (const tenantId of TENANTS) {
      await queue.send(tenantId, [anEvent()], { redelivered: false })
      await queue.requeue(tenantId, [{ event: anEvent(), webhookIds: ['w'] }], {
        redelivered: true,
      })
    }
    for (const body of [...first.bodies]) await queue.repeat(body, 0)
    const tenantsIn = (bodies: readonly string[]) =>
      TENANTS.filter((tenantId) => bodies.some((body) => body.includes(tenantId)))
    const [inFirst, inSecond] = [tenantsIn(first.bodies), tenantsIn(second.bodies)]
    expect(inFirst.length).toBeGreaterThan(5)
    expect(inSecond.length).toBeGreaterThan(5)
    expect(inFirst.filter((tenantId) => inSecond.includes(tenantId))).toEqual([])
    expect(first.bodies.length).toBe(inFirst.length * 4)
  })

  it('to the deliveries queues is all there, each in that of its tenant', async () => {
    const [first, second] = [noting(), noting()]
    const messages = TENANTS.map((tenantId) => ({
      message: toRunMessage({ tenantId, id: 'w' }, 'run', anEvent()),
      delaySeconds: 1,
    }))
    await createDeliveryQueue([first.queue, second.queue], []).send(messages)
    expect(first.bodies.length).toBeGreaterThan(5)
    expect(second.bodies.length).toBeGreaterThan(5)
    expect(first.bodies.length + second.bodies.length).toBe(TENANTS.length)
    for (const body of first.bodies) {
      expect(chooseQueue([first.queue, second.queue], body)).toBe(first.queue)
    }
  })
})
