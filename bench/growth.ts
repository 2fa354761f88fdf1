// How cost and time grow with fan-out, tenants, webhooks that do not match, and payload.

import { now } from './clock.ts'
import { settled } from './cost.ts'
import { inParallel, publishClosed } from './load.ts'
import { dollarsPerMillion } from './meter/prices.ts'
import type { Receivers } from './receivers.ts'
import type { Growth } from './results.ts'
import type { Service } from './services.ts'
import { hooklineSubject, type Subject } from './subject.ts'

/** Receivers of a large fan-out answer after 20 ms: where they answer at once, none is ever waited for. */
const SLOWLY = 'after20'
const CONCURRENCY = 20
const PATIENCE_MS = 180_000
/** At least one for each who publishes. */
const WARM_UP_EVENTS = 40

type Measured = Omit<Growth, 'along' | 'value'>

export async function measureGrowth(
  service: Service,
  receivers: Receivers,
  say: (line: string) => void,
): Promise<readonly Growth[]> {
  const growth: Growth[] = []
  const note = async (along: Growth['along'], value: number, measure: () => Promise<Measured>) => {
    say(`growth: ${along} ${value}`)
    growth.push({ along, value, ...(await measure()) })
  }
  for (const [fanOut, events] of [
    [1, 100],
    [10, 50],
    [100, 20],
    [1_000, 1],
  ] as const) {
    await note('fan-out', fanOut, async () => {
      const subject = await hooklineSubject(service, receivers, { fanOut, kind: SLOWLY })
      return measure(service, receivers, [subject], events)
    })
  }
  for (const [tenants, events] of [
    [1, 200],
    [10, 200],
    [100, 200],
    [1_000, 200],
  ] as const) {
    await note('tenants', tenants, async () => {
      const subjects = await inParallel(tenants, () => hooklineSubject(service, receivers))
      // Of a thousand tenants two hundred publish: enough for batches in which no two events share anything.
      return measure(service, receivers, subjects.slice(0, events), events)
    })
  }
  for (const others of [0, 100, 1_000, 10_000]) {
    await note('webhooks that do not match', others, async () => {
      const subject = await hooklineSubject(service, receivers)
      const other = await subject.tenant.createWebhook(receivers.url, { eventTypes: ['other.*'] })
      await service.copyWebhook(other.id, others)
      return measure(service, receivers, [subject], 200)
    })
  }
  for (const kilobytes of [1, 10, 99]) {
    await note('payload KB', kilobytes, async () => {
      const subject = await hooklineSubject(service, receivers)
      return measure(service, receivers, [subject], 100, kilobytes * 1_000)
    })
  }
  return growth
}

/** Publishes so many events in all, in turn by each subject, which all have their objects already. */
async function measure(
  service: Service,
  receivers: Receivers,
  subjects: readonly Subject[],
  events: number,
  dataBytes?: number,
): Promise<Measured> {
  const publishes = subjects.map(({ publish }) => publish(dataBytes))
  const publish = (index: number) => {
    const one = publishes[index % publishes.length]
    if (one === undefined) throw new Error('Nobody publishes.')
    return one(index)
  }
  const first = Math.max(subjects.length, Math.min(events, WARM_UP_EVENTS))
  await publishClosed(publish, CONCURRENCY, (index) => index >= first)
  await arrived(receivers, subjects, first)
  await settled(service)
  const start = now()
  await publishClosed(publish, CONCURRENCY, (index) => index >= events)
  await arrived(receivers, subjects, first + events)
  const ms = now() - start
  const counts = await settled(service)
  const deliveries = events * (subjects[0]?.paths.length ?? 1)
  return {
    events,
    dollarsPerMillionEvents: dollarsPerMillion(counts, events),
    msPerDelivery: ms / deliveries,
    databaseRowsReadPerEvent: counts.databaseRowsRead / events,
  }
}

/** Each subject has its share of all events: they take turns. */
async function arrived(receivers: Receivers, subjects: readonly Subject[], events: number) {
  for (const [index, { paths }] of subjects.entries()) {
    const share = Math.ceil((events - index) / subjects.length)
    await receivers.received(paths, share, PATIENCE_MS)
  }
}
