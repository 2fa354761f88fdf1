// What a batch writes down when it is much.

import { describe, expect, it } from 'vitest'
import type { Report } from '../../../src/engine/ports/index.ts'
import { anEvent, Bench, broken } from '../../fixtures/bench.ts'

/** 95 KB of data. */
const large = () => anEvent({ data: JSON.stringify('x'.repeat(95_000)) })

describe('a large event for many webhooks', () => {
  async function suspended(count: number) {
    const bench = await Bench.open()
    for (let index = 0; index < count; index += 1) {
      const webhook = await bench.webhook()
      await bench.setState(webhook, { suspendedAt: 1 })
    }
    return bench
  }

  it('is reported to some at a time, because each report has a copy of it', async () => {
    const bench = await suspended(100)
    let [under, most] = [0, 0]
    const counting = bench.with({
      monitor: (id) => ({
        ...bench.ports.monitor(id),
        async report(report: Report) {
          under += 1
          most = Math.max(most, under)
          const state = await bench.ports.monitor(id).report(report)
          under -= 1
          return state
        },
      }),
    })
    expect(await counting.consumeEvents([large()])).toEqual({ kind: 'ack' })
    expect(most).toBe(84)
  })

  it('is handed over in steps, each of which is waited for', async () => {
    const bench = await suspended(60)
    const steps: number[] = []
    const mute = bench.with({
      ...bench.monitorsWhere({ report: broken }),
      deliveries: {
        send: async (messages) => {
          steps.push(messages.length)
        },
      },
    })
    expect(await mute.consumeEvents([large()])).toEqual({ kind: 'ack' })
    expect(steps).toEqual([50, 10])
  })
})
