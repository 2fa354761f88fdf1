import { describe, expect, it } from 'vitest'
import { loadEvents } from '../../../src/engine/delivery/admission.ts'
import type { EventBatch } from '../../../src/engine/delivery/event-batch.ts'
import type { Acceptance, AcceptRequest, EventLog, Ports } from '../../../src/engine/ports/index.ts'
import { anEvent, aWebhook } from '../../dialects/models.ts'
import { Bench, broken } from '../../fixtures/bench.ts'

/** `a:3` is a message of tenant a with three events, which are in all messages of these names the same. */
function aBatch(text: string, index: number): EventBatch {
  const [tenantId = '', count] = text.split(':')
  const messageId = `m${index + 1}`
  const submissions = Array.from({ length: Number(count) }, (_, n) => ({
    event: anEvent({ id: `${tenantId}${n + 1}` }),
    key: null,
  }))
  const about = { isForeign: false, remaining: null, redelivered: false }
  return { kind: 'events', messageId, tenantId, submissions, ...about }
}

/** Accepts everything for one webhook of the tenant's, and notes what it is asked. */
function anEventLog(asked: AcceptRequest[], fields: Partial<EventLog> = {}) {
  return async (tenantId: string): Promise<Pick<EventLog, 'accept'>> => ({
    accept: async (_, request): Promise<Acceptance> => {
      asked.push(request)
      const webhook = {
        ...aWebhook({ tenantId, id: `${tenantId}w` }),
        isTroubled: false,
        isHeld: false,
      }
      return {
        kind: 'accepted',
        answers: request.submissions.map(({ event: { id } }) => ({ id, duplicate: false })),
        deliveries: request.submissions.map(({ event }) => ({
          ...{ event, mayHaveBegun: false },
          webhooks: [{ ...webhook, tenantName: 'Acme' }],
        })),
      }
    },
    ...fields,
  })
}

async function load(
  batches: readonly EventBatch[],
  { fanOut = 100, logs = {} }: { fanOut?: number; logs?: Record<string, Partial<EventLog>> } = {},
) {
  const bench = await Bench.open()
  const asked: AcceptRequest[] = []
  const eventLog: Ports['eventLog'] = (tenantId) => ({
    ...bench.ports.eventLog(tenantId),
    accept: async (...args) => (await anEventLog(asked, logs[tenantId])(tenantId)).accept(...args),
  })
  const { ports } = bench.with({ eventLog, settings: { ...bench.ports.settings, fanOut } })
  return { ...(await loadEvents(batches, ports)), asked, lines: bench.lines }
}

describe('a batch', () => {
  it.each([
    ['one message', 'a:3', 90, 90],
    ['some messages', 'a:3 b:2 a:1', 90, 30],
    ['more than it may take on', 'a:1 b:1 c:1 d:1', 3, 1],
  ])('takes on the same share of each message: %s', async (_, messages, fanOut, most) => {
    const batches = messages.split(' ').map(aBatch)
    const { asked } = await load(batches, { fanOut })
    expect(asked.map((request) => request.most)).toEqual(batches.map(() => most))
  })

  it('has each delivery once, and asks about it where one message says so', async () => {
    const [first, second] = ['a:2', 'a:3'].map(aBatch)
    if (!first || !second) throw new Error('There are no messages.')
    const { tasks } = await load([first, { ...second, redelivered: true }])
    expect(tasks.map(({ event: { id }, mayHaveBegun }) => [id, mayHaveBegun])).toEqual([
      ['a1', true],
      ['a2', true],
      ['a3', true],
    ])
  })

  it('makes one target of a webhook, however many events are for it', async () => {
    const { tasks } = await load(['a:3'].map(aBatch))
    expect(new Set(tasks.map(({ target }) => target)).size).toBe(1)
  })

  it('lets the messages of one tenant come again whose event log cannot be reached', async () => {
    const logs = { a: { accept: async () => broken() } }
    const { tasks, failed, refused } = await load(['a:1', 'b:1'].map(aBatch), { logs })
    expect(tasks.map(({ event: { id } }) => id)).toEqual(['b1'])
    expect(failed.map(({ messageId }) => messageId)).toEqual(['m1'])
    expect(refused).toEqual([])
  })

  it.each<[string, Acceptance, boolean, string[]]>([
    ['another Worker names no tenant', { kind: 'no_tenant' }, true, ['No such tenant: a.']],
    ['the tenant of ours is gone', { kind: 'no_tenant' }, false, []],
    [
      'a key stands for something else',
      { kind: 'conflict', index: 0 },
      true,
      ['This id was already used for an event with different content.'],
    ],
  ])('refuses for good what never will be accepted: %s', async (_, acceptance, isForeign, why) => {
    const batches = ['a:1', 'b:1'].map(aBatch).map((batch) => ({ ...batch, isForeign }))
    const logs = { a: { accept: async () => acceptance } }
    const { tasks, failed, refused } = await load(batches, { logs })
    expect(tasks.map(({ event: { id } }) => id)).toEqual(['b1'])
    expect(failed).toEqual([])
    expect(refused.map(({ reason }) => reason)).toEqual(why)
  })
})
