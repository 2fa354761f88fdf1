// That what came too early for its permit is sent again as soon as may be, and not when a report or the alarm happens to come.

import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Event, Throttle } from '../../../../src/engine/model/index.ts'
import { createMonitors } from '../../../../src/platform/durable/monitor-client.ts'
import { newId } from '../../../../src/primitives/ids.ts'
import { delivered, eventAt, held, NOON, reportTo } from '../../../contracts/durable-fixtures.ts'
import { interceptDeliveries } from '../../../fixtures/deliveries.ts'

const throttle: Throttle = {
  since: NOON,
  rate: { perSecond: 1, perMinute: null, concurrency: null },
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(NOON)
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

function openMonitor() {
  const sent = interceptDeliveries()
  const ref = { tenantId: newId(NOON), id: newId(NOON) }
  const monitor = createMonitors(env)(ref.id)
  const permit = async ({ id: eventId }: Event, ms: number) => {
    vi.setSystemTime(NOON + ms)
    return (await monitor.permit({ eventId, run: '', validMs: 100, throttle })).kind
  }
  const ring = async (ms: number) => {
    vi.setSystemTime(NOON + ms)
    await runDurableObjectAlarm(env.MONITORS.getByName(ref.id))
    return sent.length
  }
  return { sent, subject: { monitor, ref }, permit, ring }
}

it('releases once more what came before there was room, without being rung for', async () => {
  const { sent, subject, permit, ring } = openMonitor()
  const [first, second] = [eventAt(1), eventAt(2)]
  const waiting = [first, second].map((event) => held(event, subject.ref))
  await reportTo(subject, waiting, { throttle })
  expect(await ring(0)).toBe(1)
  // Two seconds on its way: the next is released half a second before there is room for it.
  expect(await permit(first, 2_000)).toBe('granted')
  await reportTo(subject, [delivered(first)])
  expect(await ring(2_600)).toBe(2)
  // It took less, is too early by 200 ms, and takes longer than that once more.
  expect(await permit(second, 2_900)).toBe('waits')
  await vi.waitFor(() => expect(sent).toHaveLength(3))
  expect(await permit(second, 3_200)).toBe('granted')
})
