// Events that go together in one request, in memory: the same answers as JointStore's and Joints'.

import {
  entriesOfParts,
  firstTogether,
  isJoint,
  jointEvent,
  nextJoint,
  type PartEntry,
  waitingForOthers,
} from '../../src/engine/health/joint-delivery.ts'
import { toDeliverMessage } from '../../src/engine/messages/delivery-message.ts'
import { type Batch, JOINT_RUN } from '../../src/engine/model/index.ts'
import {
  type DeliverMessage,
  type DeliveryKey,
  eventIdOf,
  type Report,
} from '../../src/engine/ports/index.ts'
import { AFTER_ALL_IDS, newId, timeOf } from '../../src/primitives/ids.ts'
import { formatTime } from '../../src/primitives/time.ts'
import type { Held, MemoryHeld } from './held.ts'

export class MemoryJoints {
  private readonly held: MemoryHeld
  private readonly parts = new Map<string, readonly DeliverMessage[]>()

  constructor(held: MemoryHeld) {
    this.held = held
    held.joined = () => this.messages().length
    held.isJoined = (key) =>
      [...this.parts.values()].some((parts) => parts.some((part) => isOf(part, key)))
  }

  partsOf(id: string): readonly DeliverMessage[] {
    return this.parts.get(id) ?? []
  }

  messages(): readonly DeliverMessage[] {
    return [...this.parts.values()].flat()
  }

  leave(key: DeliveryKey): void {
    for (const id of this.parts.keys()) this.retain(id, (part) => !isOf(part, key))
  }

  retain(id: string, isLeft: (part: DeliverMessage) => boolean): void {
    const left = this.partsOf(id).filter(isLeft)
    if (left.length > 0) this.parts.set(id, left)
    else this.parts.delete(id)
  }

  clear(): void {
    this.parts.clear()
  }

  /** Those that may be sent now; `begin` is told of each that is new. */
  release(batch: Batch, count: number, now: number, begin: (id: string) => void): readonly Held[] {
    const { held } = this
    const released = [...held.release(count, now, AFTER_ALL_IDS, 'joint')]
    while (released.length < count && nextJoint(batch, held.waitingParts, now).count > 0) {
      const together = firstTogether(held.firstParts(batch.maxEvents), batch)
      if (together.length > 0) begin(this.join(together, now))
      const which = together.length > 0 ? 'joint' : 'single'
      const next = held.release(1, now, AFTER_ALL_IDS, which)
      if (next.length === 0) break
      released.push(...next)
    }
    return released
  }

  eventCounts(batch: Batch | null, now: number) {
    const forOthers = batch === null ? 0 : waitingForOthers(batch, this.held.waitingParts, now)
    let { waiting, underWay } = this.held
    for (const [id, parts] of this.parts) {
      const state = this.held.stateOf({ eventId: id, run: JOINT_RUN })
      if (state === 'waiting') waiting += parts.length - 1
      if (state === 'released') underWay += parts.length - 1
    }
    return { waiting: waiting + underWay, underWay, forOthers }
  }

  withParts(report: Report, now: number): Report & { readonly entries: readonly PartEntry[] } {
    const entries = report.entries.flatMap((entry): readonly PartEntry[] => {
      if (!isJoint(entry)) return [entry]
      const id = eventIdOf(entry)
      const own = 'event' in entry ? { ...entry, event: null } : entry
      return [own, ...entriesOfParts(entry, this.partsOf(id), () => newId(now))]
    })
    return { ...report, entries }
  }

  private join(parts: readonly { readonly message: DeliverMessage }[], now: number): string {
    const messages = parts.map(({ message }) => message)
    const id = newId(timeOf(messages[0]?.event.id ?? ''))
    const { tenantId = '', webhookId = '' } = messages[0] ?? {}
    for (const { event, run } of messages) this.held.delete({ eventId: event.id, run })
    this.parts.set(id, messages)
    const how = { run: JOINT_RUN, attempts: 0, role: 'watchdog' } as const
    const event = jointEvent(id, formatTime(now))
    const message = toDeliverMessage({ tenantId, id: webhookId }, event, how)
    this.held.put({ eventId: id, run: JOINT_RUN }, message)
    return id
  }
}

function isOf({ event, run }: DeliverMessage, key: DeliveryKey): boolean {
  return event.id === key.eventId && run === key.run
}
