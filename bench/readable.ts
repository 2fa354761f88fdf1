// Whether an event can be read at once: by its producer when the 202 is there, and by a receiver that is being called.

import { eventsText, eventText, idsOf, publishClosed } from './load.ts'
import type { Receivers } from './receivers.ts'
import type { ReadableResult } from './results.ts'
import type { Service } from './services.ts'

/** By a few at a time, so that writes are grouped as well as alone; then some publishes of several events. */
const SINGLE = { publishes: 200, connections: 4 }
const PACKS = { publishes: 10, perPublish: 10 }
const PATIENCE_MS = 60_000

export async function measureReadable(
  service: Service,
  receivers: Receivers,
  say: (line: string) => void,
): Promise<ReadableResult> {
  say('readable at once')
  const tenant = await service.createTenant()
  const paths = receivers.newPaths(1, 'reading')
  for (const path of paths) await tenant.createWebhook(receivers.urlOf(path))
  await receivers.readFrom(service.url, tenant.token)
  const afterAnswer: Record<string, number> = {}
  const publish = async (text: string) => {
    const answer = await tenant.publish(text)
    for (const id of idsOf(answer)) {
      const status = await tenant.readEvent(id)
      afterAnswer[status] = (afterAnswer[status] ?? 0) + 1
    }
    return answer
  }
  const single = (index: number) => publish(eventText(index))
  await publishClosed(single, SINGLE.connections, (index) => index >= SINGLE.publishes)
  for (let index = 0; index < PACKS.publishes; index += 1) {
    await publish(eventsText(index, PACKS.perPublish))
  }
  const events = SINGLE.publishes + PACKS.publishes * PACKS.perPublish
  await receivers.received(paths, events, PATIENCE_MS)
  const [receipts] = await receivers.receiptsAt(paths)
  return { events, afterAnswer, whileReceived: receipts?.readBack ?? {} }
}
