import { describe, expect, it } from 'vitest'
import { admit } from '../../../src/engine/delivery/admission.ts'
import type { EventBatch } from '../../../src/engine/delivery/event-batch.ts'
import { anEvent, aTarget } from '../../dialects/models.ts'

/** `a:3` is a message of tenant a with three events. */
function aBatch(text: string, index: number): EventBatch {
  const [tenantId = '', count] = text.split(':')
  const messageId = `m${index + 1}`
  const events = Array.from({ length: Number(count) }, (_, n) =>
    anEvent({ id: `${messageId}e${n + 1}` }),
  )
  return {
    kind: 'events',
    messageId,
    tenantId,
    events,
    isForeign: false,
    remaining: null,
    redelivered: false,
    keys: [],
  }
}

/** `a:2` are two webhooks of tenant a. */
function targetsOf(text: string) {
  const [tenantId = '', count] = text.split(':')
  return Array.from({ length: Number(count) }, (_, n) =>
    aTarget({ tenantId, id: `${tenantId}w${n + 1}` }),
  )
}

function take(messages: string, webhooks: string, fanOut: number) {
  const batches = messages.split(' ').map(aBatch)
  const { admitted, tasks, deferred } = admit(batches, webhooks.split(' ').flatMap(targetsOf), {
    fanOut,
  })
  const show = (some: readonly EventBatch[]) =>
    some.map(({ messageId, events }) => `${messageId}:${events.length}`).join(' ')
  return { admitted: show(admitted), deliveries: tasks.length, deferred: show(deferred) }
}

describe('a batch admits', () => {
  it.each([
    ['all that fits', 'a:3 b:2', 'a:2 b:1', 100, 'm1:3 m2:2', 8, ''],
    ['of one tenant what fills it', 'a:10', 'a:2', 6, 'm1:3', 6, 'm1:7'],
    ['the event that overfills it as a whole', 'a:2', 'a:9', 4, 'm1:1', 9, 'm1:1'],
    ['of each tenant its share', 'a:10 b:1', 'a:2 b:2', 8, 'm1:2 m2:1', 6, 'm1:8'],
    [
      'of a tenant as much in many messages',
      'a:2 a:2 a:2 b:1',
      'a:2 b:1',
      8,
      'm1:2 m4:1',
      5,
      'm2:2 m3:2',
    ],
    [
      'at least one event of everybody',
      'a:2 b:2 c:2',
      'a:3 b:3 c:3',
      1,
      'm1:1 m2:1 m3:1',
      9,
      'm1:1 m2:1 m3:1',
    ],
    ['any number that nobody wants', 'a:500', 'b:1', 1, 'm1:500', 0, ''],
  ])('%s', (_, messages, webhooks, fanOut, admitted, deliveries, deferred) => {
    expect(take(messages, webhooks, fanOut)).toEqual({ admitted, deliveries, deferred })
  })
})
