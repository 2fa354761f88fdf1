// How cost and time grow with fan-out, tenants, webhooks that do not match, and payload.

import { settled } from './cost.ts'
import { inParallel, publishClosed } from './load.ts'
import { dollarsPerMillion } from './meter/prices.ts'
import type { Receiver, Receivers } from './receivers.ts'
import type { Growth } from './results.ts'
import type { Service } from './services.ts'
import { hooklineSubject, type Subject } from './subject.ts'

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
      const subject = await hooklineSubject(service, receivers, { fanOut })
      return measure(service, [{ subject, receivers: subject.receivers }], events)
    })
  }
  for (const [tenants, events] of [
    [1, 200],
    [10, 200],
    [100, 200],
    [1_000, 200],
  ] as const) {
    await note('tenants', tenants, async () => {
      const parties = await inParallel(tenants, async () => {
        const subject = await hooklineSubject(service, receivers)
        return { subject, receivers: subject.receivers }
      })
      // Of a thousand tenants two hundred publish: enough for batches in which no two events share anything.
      return measure(service, parties.slice(0, events), events)
    })
  }
  for (const others of [0, 100, 1_000, 10_000]) {
    await note('webhooks that do not match', others, async () => {
      const subject = await hooklineSubject(service, receivers)
      const other = await subject.tenant.createWebhook(receivers.url, { eventTypes: ['other.*'] })
      await service.copyWebhook(other.id, others)
      return measure(service, [{ subject, receivers: subject.receivers }], 200)
    })
  }
  for (const kilobytes of [1, 10, 99]) {
    await note('payload KB', kilobytes, async () => {
      const subject = await hooklineSubject(service, receivers)
      return measure(service, [{ subject, receivers: subject.receivers }], 100, kilobytes * 1_000)
    })
  }
  return growth
}

interface Party {
  readonly subject: Subject
  readonly receivers: readonly Receiver[]
}

/** Publishes so many events in all, in turn by each party, which all have their objects already. */
async function measure(
  service: Service,
  parties: readonly Party[],
  events: number,
  dataBytes?: number,
): Promise<Measured> {
  const publishes = parties.map(({ subject }) => subject.publish(dataBytes))
  const publish = (index: number) => {
    const one = publishes[index % publishes.length]
    if (one === undefined) throw new Error('Nobody publishes.')
    return one(index)
  }
  const first = Math.max(parties.length, Math.min(events, WARM_UP_EVENTS))
  await publishClosed(publish, CONCURRENCY, (index) => index >= first)
  await arrived(parties, first)
  await settled(service)
  const start = performance.now()
  await publishClosed(publish, CONCURRENCY, (index) => index >= events)
  await arrived(parties, first + events)
  const ms = performance.now() - start
  const counts = await settled(service)
  const deliveries = events * (parties[0]?.receivers.length ?? 1)
  return {
    events,
    dollarsPerMillionEvents: dollarsPerMillion(counts, events),
    msPerDelivery: ms / deliveries,
    databaseRowsReadPerEvent: counts.databaseRowsRead / events,
  }
}

/** Each party's receivers have its share of all events: parties take turns. */
async function arrived(parties: readonly Party[], events: number): Promise<void> {
  for (const [index, { receivers }] of parties.entries()) {
    const share = Math.ceil((events - index) / parties.length)
    for (const receiver of receivers) await receiver.received(share, PATIENCE_MS)
  }
}
