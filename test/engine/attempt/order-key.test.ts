import { describe, expect, it } from 'vitest'
import { keysOfEvents } from '../../../src/engine/attempt/order-key.ts'
import type { Pin } from '../../../src/engine/model/index.ts'
import { anEvent } from '../../fixtures/bench.ts'

const WEBHOOK = { id: 'w', name: 'Billing', pins: [] as readonly Pin[] }

async function keyOf(data: string, key: string | null, webhook = WEBHOOK) {
  const order = { key, onFailure: 'continue' } as const
  const [found] = await keysOfEvents([{ event: anEvent({ data }), order }], webhook)
  return found?.kind === 'key' ? found.key : found?.reason
}

describe('the key of an event', () => {
  it.each([
    ['a text', '{"id":"a b"}', 'data.id', 'a b'],
    ['a number, as it was written', '{"id":17}', 'data.id', '17'],
    ['a boolean', '{"id":false}', 'data.id', 'false'],
    ['of its type and the webhook', '{}', 'type & webhook.name', 'invoice.paidBilling'],
    ['200 characters', `{"id":"${'x'.repeat(200)}"}`, 'data.id', 'x'.repeat(200)],
    ['nothing, where there is none', '{}', 'data.id', '-'],
    ['nothing, where it is null', '{"id":null}', 'data.id', '-'],
    ['nothing, where it is empty', '{"id":""}', 'data.id', '-'],
    ['nothing, where all have one', '{"id":"a"}', null, '-'],
  ])('is %s', async (_, data, key, expected) => {
    expect(await keyOf(data, key)).toBe(expected)
  })

  it.each([
    ['an array', '{"id":[1,2]}', 'data.id', 'It must be a text, a number or a boolean.'],
    ['too long', `{"id":"${'x'.repeat(201)}"}`, 'data.id', 'It may have 200 characters at most.'],
  ])('is none where it is %s', async (_, data, key, why) => {
    expect(await keyOf(data, key)).toBe(`The expression in \`order.key\` fails: ${why}`)
  })

  it('is none where the expression ends in no time', async () => {
    expect(await keyOf('{}', '($f := function($n) { $f($n + 1) }; $f(0))')).toMatch(
      /^The expression in `order.key` fails: /,
    )
  })

  it('is asked of as many as one invocation has steps for', async () => {
    const order = {
      key: '$sum($map([1..3000], function($n) { $n }))',
      onFailure: 'continue',
    } as const
    const all = Array.from({ length: 100 }, () => ({ event: anEvent(), order }))
    const keys = await keysOfEvents(all, WEBHOOK)
    expect(keys.length).toBeGreaterThan(0)
    expect(keys.length).toBeLessThan(100)
  })
})
