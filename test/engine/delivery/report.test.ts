// What a batch writes down when it is much.

import { describe, expect, it } from 'vitest'
import { toTarget } from '../../../src/engine/attempt/target.ts'
import { type ReportLine, record } from '../../../src/engine/delivery/report.ts'
import type { Webhook } from '../../../src/engine/model/index.ts'
import type { Monitor, Report } from '../../../src/engine/ports/index.ts'
import { aDelivery, anEvent, Bench, broken } from '../../fixtures/bench.ts'

/** 95 KB of data. */
const large = () => anEvent({ data: JSON.stringify('x'.repeat(95_000)) })

/** Monitors that know how many of them were told something at the same time. */
function counting({ ports }: Bench) {
  let [under, most] = [0, 0]
  const monitor = (id: string): Monitor => ({
    ...ports.monitor(id),
    async report(report: Report) {
      under += 1
      most = Math.max(most, under)
      const state = await ports.monitor(id).report(report)
      under -= 1
      return state
    },
  })
  return { monitor, most: () => most }
}

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
    const { monitor, most } = counting(bench)
    expect(await bench.with({ monitor }).consumeEvents([large()])).toEqual({ kind: 'ack' })
    expect(most()).toBe(84)
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

describe('what waits for others', () => {
  /** That an event waits, with so much of a body of its own. */
  const waitingAt = ({ ports }: Bench, webhook: Webhook, chars: number): ReportLine => {
    const message = { ...aDelivery(webhook, anEvent()), part: { body: 'x'.repeat(chars) } }
    const entry = { kind: 'held', eventId: message.event.id, run: '', message } as const
    return { target: toTarget({ ...webhook, tenantName: 'Acme' }, ports), entry }
  }
  const batch = { maxEvents: 9, maxWaitMs: 0 }

  it('is reported to some webhooks at a time, as large as its bodies are', async () => {
    const bench = await Bench.open()
    const lines: ReportLine[] = []
    for (let index = 0; index < 50; index += 1) {
      lines.push(waitingAt(bench, await bench.webhook({ batch }), 380_000))
    }
    const { monitor, most } = counting(bench)
    expect(await record(lines, bench.with({ monitor }).ports)).toEqual([])
    expect(most()).toBe(21)
  })

  it('leaves its body behind where its monitor cannot be told, as a message has no room for both', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook({ batch })
    const lines = [waitingAt(bench, webhook, 380_000), waitingAt(bench, webhook, 10)]
    const { ports } = bench.with(bench.monitorsWhere({ report: broken }))
    const pieces = (await record(lines, ports)).map(({ message }) => message)
    expect(pieces).toHaveLength(2)
    for (const [index, piece] of pieces.entries()) {
      const { part: _, ...alone } = Object(lines[index]?.entry).message
      expect(piece).toMatchObject({ kind: 'record', webhookId: webhook.id })
      const { id, entries } = Object(piece).report
      expect(id).toMatch(new RegExp(`/${index}$`))
      expect(entries).toEqual([{ ...lines[index]?.entry, message: alone }])
    }
  })
})
