import { describe, expect, it } from 'vitest'
import type { Delivery } from '../../../src/engine/attempt/attempt.ts'
import { FairQueue } from '../../../src/engine/delivery/fair-queue.ts'
import { FIRST_RUN } from '../../../src/engine/model/index.ts'
import { anEvent, aTarget } from '../../dialects/models.ts'

/** `a1` is a delivery to webhook 1 of tenant a; in capitals, to one in the slow lane. */
function aDelivery(name: string): Delivery {
  const [tenantId = ''] = name.toLowerCase()
  const lane = name === name.toLowerCase() ? 'fast' : 'slow'
  const target = aTarget({ tenantId, id: name, lane })
  return { event: anEvent(), target, run: FIRST_RUN, attempts: 0 }
}

const toQueue = (names: string) => new FairQueue(names.split(' ').map(aDelivery))
const nameOf = (delivery: Delivery | undefined) => delivery?.target.webhook.id

/** Takes so many; nothing of it ends. */
function takeAll(names: string): string {
  const queue = toQueue(names)
  return names
    .split(' ')
    .map(() => nameOf(queue.next()))
    .join(' ')
}

describe('turns', () => {
  it.each([
    ['one after another', 'a1 a1 a1', 'a1 a1 a1'],
    ['of every tenant in turn', 'a1 a1 a1 a1 b1 b1 c1', 'a1 b1 c1 a1 b1 a1 a1'],
    ['of every webhook of a tenant in turn', 'a1 a1 a1 a2 a2 a3', 'a1 a2 a3 a1 a2 a1'],
    ['of tenants first, however many webhooks', 'a1 a2 a3 a4 b1 b1', 'a1 b1 a2 b1 a3 a4'],
    ['of the fast lane before the slow one', 'A1 A1 B1 a2 a2', 'a2 a2 B1 A1 A1'],
  ])('are %s', (_, given, expected) => {
    expect(takeAll(given)).toBe(expected)
  })

  it('are of whoever has the fewest under way', () => {
    const queue = toQueue('a1 a1 a1 a1 b1 b1 b1 b1')
    const [, b] = [queue.next(), queue.next()]
    queue.next()
    // a has two under way that hang; whatever of b ends, b is next.
    for (let ended = 1; ended <= 3; ended += 1) {
      if (b) queue.release(b)
      expect(nameOf(queue.next())).toBe('b1')
    }
    expect(nameOf(queue.next())).toBe('a1')
  })

  it('leave to a silent webhook no more than its share of its tenant’s', () => {
    const queue = toQueue(['a1', 'a2'].flatMap((name) => Array(20).fill(name)).join(' '))
    const begun = [1, 2, 3, 4, 5, 6].map(() => queue.next())
    const answering = begun.filter((delivery) => nameOf(delivery) === 'a2')
    expect(answering).toHaveLength(3)
    // Three connections hang; the three others carry all the rest of the one that answers.
    for (let answered = 1; answered <= 17; answered += 1) {
      const [delivery] = answering
      if (delivery) queue.release(delivery)
      expect(nameOf(queue.next())).toBe('a2')
    }
    expect(queue.rest().map(nameOf)).toEqual(Array(17).fill('a1'))
  })

  it('come to an end', () => {
    const queue = toQueue('a1')
    queue.next()
    expect(queue.next()).toBeUndefined()
    expect(queue.rest()).toEqual([])
  })

  it('give five thousand to a thousand webhooks and one, each of its own', () => {
    const flood = Array.from({ length: 5_000 }, (_, n) => `a${n % 1_000}`)
    const queue = toQueue([...flood, 'b1'].join(' '))
    const first = Array.from({ length: 6 }, () => nameOf(queue.next()))
    expect(first).toEqual(['a0', 'b1', 'a1', 'a2', 'a3', 'a4'])
    expect(queue.rest()).toHaveLength(4_995)
  })
})
