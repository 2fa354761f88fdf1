// The memories in memory keep the contracts that the Durable Objects keep.

import { describe } from 'vitest'
import type { DeliveryMessage, Monitor } from '../../src/engine/ports.ts'
import {
  type EventLogSubject,
  idAt,
  type MonitorSubject,
  NOON,
} from '../contracts/durable-fixtures.ts'
import { eventLogContract } from '../contracts/event-log.ts'
import { monitorContract } from '../contracts/monitor.ts'
import { createMemoryEventLog } from './event-log.ts'
import { createMemoryMonitor } from './monitor.ts'

const tenantId = idAt(0, 1)

function makeSurroundings() {
  let now = NOON
  const sent: DeliveryMessage[] = []
  return {
    clock: () => now,
    delayScale: 1,
    owe: (message: DeliveryMessage) => sent.push(message),
    setTime: (ms: number) => {
      now = NOON + ms
    },
    owed: async () => sent,
  }
}

async function makeMonitor(): Promise<MonitorSubject> {
  const surroundings = makeSurroundings()
  const { setTime, owed } = surroundings
  const ref = { tenantId, id: idAt(0, 2) }
  return { ref, monitor: createMemoryMonitor(surroundings), setTime, owed }
}

async function makeEventLog(): Promise<EventLogSubject> {
  const surroundings = makeSurroundings()
  const monitors = new Map<string, Monitor>()
  const monitorOf = (webhookId: string): Monitor => {
    const monitor = monitors.get(webhookId) ?? createMemoryMonitor(surroundings)
    monitors.set(webhookId, monitor)
    return monitor
  }
  const statesOf = (webhookId: string, ids: readonly string[]) =>
    monitorOf(webhookId).statesOfEvents(ids)
  const log = createMemoryEventLog({ ...surroundings, statesOf })
  return { tenantId, log, monitorOf, owed: surroundings.owed }
}

describe('in memory', () => {
  monitorContract(makeMonitor)
  eventLogContract(makeEventLog)
})
