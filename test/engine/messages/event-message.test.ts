import { describe, expect, it } from 'vitest'
import {
  fromEventMessage,
  toContinuationMessages,
  toEventMessages,
} from '../../../src/engine/messages/event-message.ts'
import type { Event } from '../../../src/engine/model/index.ts'

const tenantId = '01940000-0000-7000-8000-000000000001'

function anEvent(n: number, fields: Partial<Event> = {}): Event {
  return {
    id: `01940000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    type: 'invoice.paid',
    time: '2026-11-22T10:00:00.000Z',
    data: '{"n":1.10}',
    scope: {},
    actor: null,
    requestId: null,
    ...fields,
  }
}

const bytes = (text: string) => new TextEncoder().encode(text).byteLength

const about = { tenantId, redelivered: false }

describe('messages of events', () => {
  it('give back what they carry', () => {
    const events = [
      anEvent(1, { data: '{"b":12345678901234567890,"a":"\\u00e9"}' }),
      anEvent(2, { scope: { data: 'x', inbox: 'Grüße' }, actor: 'a', requestId: 'r' }),
    ]
    const about = { tenantId, redelivered: true }
    const texts = toEventMessages(about, events)
    expect(texts).toHaveLength(1)
    expect(fromEventMessage(texts[0])).toEqual({ ...about, events, remaining: null })
  })

  it('give back data by version, each as it was written', () => {
    const versions = [
      { from: '1', version: '1', data: '{ "n": 1.10 }' },
      { from: '2', version: null, data: null },
      { from: '3', version: '3' },
    ]
    const events = [anEvent(1, { versions }), anEvent(2)]
    const [text] = toEventMessages(about, events)
    expect(text?.split('{ "n": 1.10 }')).toHaveLength(2)
    expect(fromEventMessage(text)?.events).toEqual(events)
  })

  it('may name the webhooks that remain of each event, in whichever message it comes to be', () => {
    const data = `{"text":"${'x'.repeat(40_000)}"}`
    const events = [anEvent(1), anEvent(2), anEvent(3, { data }), anEvent(4, { data })]
    const webhookIds = [['a'], ['a', 'b'], ['c'], ['d', 'e']]
    const remaining = events.map((event, n) => ({ event, webhookIds: webhookIds[n] ?? [] }))
    const texts = toContinuationMessages(about, remaining)
    expect(texts.map((text) => fromEventMessage(text)?.remaining)).toEqual([
      remaining.slice(0, 3),
      remaining.slice(3),
    ])
    expect(fromEventMessage(texts[1])).toMatchObject({ ...about, events: events.slice(3) })
  })

  it('count the webhooks that they name', () => {
    const webhookIds = Array.from({ length: 250 }, () => tenantId)
    const remaining = Array.from({ length: 20 }, (_, n) => ({ event: anEvent(n), webhookIds }))
    for (const text of toContinuationMessages(about, remaining)) {
      expect(bytes(text)).toBeLessThanOrEqual(64_000)
    }
  })

  it('are none for no events', () => {
    expect(toEventMessages(about, [])).toEqual([])
  })

  it('are as few as fit into 64 KB, in order', () => {
    const data = `{"text":"${'x'.repeat(9_000)}"}`
    const events = Array.from({ length: 20 }, (_, n) => anEvent(n, { data }))
    const texts = toEventMessages(about, events)
    expect(texts).toHaveLength(4)
    for (const text of texts) expect(bytes(text)).toBeLessThanOrEqual(64_000)
    expect(texts.flatMap((text) => fromEventMessage(text)?.events ?? [])).toEqual(events)
  })

  it('stay within 64 KB for many small events, whose frames weigh more than their payloads', () => {
    const events = Array.from({ length: 1_000 }, (_, n) => anEvent(n, { data: '{}' }))
    const texts = toEventMessages(about, events)
    for (const text of texts) expect(bytes(text)).toBeLessThanOrEqual(64_000)
    expect(texts.length).toBeLessThanOrEqual(3)
  })

  it('carry an event alone that is larger', () => {
    const large = anEvent(2, { data: `{"text":"${'x'.repeat(99_000)}"}` })
    const texts = toEventMessages(about, [anEvent(1), large, anEvent(3)])
    expect(texts.map((text) => fromEventMessage(text)?.events.length)).toEqual([1, 1, 1])
  })

  it.each([[null], ['{"v":1}'], [{ v: 1 }], [undefined], [42]])('are not %j', (body) => {
    expect(fromEventMessage(body)).toBeNull()
  })

  it('are refused when damaged', () => {
    const [text = ''] = toEventMessages(about, [anEvent(1)])
    expect(() => fromEventMessage(text.slice(0, -1))).toThrow(SyntaxError)
    expect(() => fromEventMessage('frame/1 {"tenantId":1}\n')).toThrow()
  })
})
