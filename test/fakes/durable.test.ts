// The objects in memory keep the contracts that the Durable Objects keep.

import { describe } from 'vitest'
import { createDialectRuntimes } from '../../src/compose.ts'
import { fromDeliveryText } from '../../src/engine/messages/delivery-message.ts'
import { ONE_SHARD, shardCount, shardOf } from '../../src/engine/model/index.ts'
import type { DeliveryMessage } from '../../src/engine/ports/index.ts'
import { shardedEventLogs } from '../../src/platform/shards/event-logs.ts'
import { type DeploymentJobsSubject, deploymentJobsContract } from '../contracts/deployment-jobs.ts'
import {
  type EventLogSubject,
  idAt,
  type MonitorSubject,
  NOON,
} from '../contracts/durable-fixtures.ts'
import { eventLogContract } from '../contracts/event-log.ts'
import { monitorContract } from '../contracts/monitor.ts'
import { SCHEDULES } from '../fixtures/shard-schedules.ts'
import { createMemoryDeploymentJobs } from './deployment-jobs.ts'
import { createMemoryEventLog, type MemoryEventLog } from './event-log.ts'
import type { FakeObject } from './fake-object.ts'
import { createMemoryMonitor, type MemoryMonitor } from './monitor.ts'
import { createMemoryStores, raiseEpoch, readWebhooks, Tables } from './stores.ts'

const tenantId = idAt(0, 1)

function makeSurroundings() {
  let now = NOON
  const sent: DeliveryMessage[] = []
  const accepted: string[] = []
  const objects = new Set<FakeObject>()
  return {
    clock: () => now,
    delayScale: 1,
    send: async (texts: readonly string[]) => {
      sent.push(...texts.flatMap((text) => fromDeliveryText(text) ?? []))
      return texts.length
    },
    scheduleAlarm: () => {},
    goOn: () => {},
    isConfigured: async () => false,
    pauseOf: async () => null,
    setTime: (ms: number) => {
      now = NOON + ms
    },
    objects,
    accepted,
    // An alarm joins the sending that is under way.
    flush: async () => {
      for (const object of objects) await object.alarm()
      return sent
    },
  }
}

/** What an event log asks of others. */
function intakeOn(tables: Tables, accepted: string[] = []) {
  return {
    readWebhooks: async (id: string) => readWebhooks(tables, id),
    raiseEpoch: async (id: string, epoch: number) => raiseEpoch(tables, id, epoch),
    sendAccepted: async (texts: readonly string[]) => {
      accepted.push(...texts)
      return texts.length
    },
    dialectRuntimes: createDialectRuntimes(),
  }
}

async function makeMonitor(): Promise<MonitorSubject> {
  const surroundings = makeSurroundings()
  const { setTime, flush } = surroundings
  const ref = { tenantId, id: idAt(0, 2) }
  const monitor = createMemoryMonitor(surroundings)
  surroundings.objects.add(monitor.object)
  return { ref, monitor, setTime, flush }
}

async function makeEventLog(shards = ONE_SHARD): Promise<EventLogSubject> {
  const surroundings = makeSurroundings()
  const monitors = new Map<string, MemoryMonitor>()
  const monitorOf = (webhookId: string): MemoryMonitor => {
    const monitor = monitors.get(webhookId) ?? createMemoryMonitor(surroundings)
    monitors.set(webhookId, monitor)
    return monitor
  }
  const statesOf = (webhookId: string, ids: readonly string[]) =>
    monitorOf(webhookId).statesOfEvents(ids)
  const tables = new Tables()
  const logs: MemoryEventLog[] = []
  const openShard = (_: string, shard: number) => {
    const log: MemoryEventLog = createMemoryEventLog({
      ...surroundings,
      ...intakeOn(tables, surroundings.accepted),
      statesOf,
      answersOf: (webhookId, ids) => monitorOf(webhookId).lastAnswers(ids),
      eraseAt: (webhookId, work) => work(monitorOf(webhookId)),
      lineUp: (deliveries) => monitorOf(deliveries.ref.id).lineUp(deliveries),
      isOwn: (id) => shardOf(id, shards) === shard,
      otherShards: () => logs.filter((one) => one !== log),
    })
    logs.push(log)
    surroundings.objects.add(log.object)
    return log
  }
  const log = shardedEventLogs(shards, openShard)(tenantId)
  const { webhooks, tenants } = createMemoryStores(tables)
  const { flush, accepted, setTime } = surroundings
  const count = shardCount(shards)
  return { tenantId, log, shards: count, monitorOf, flush, accepted, setTime, webhooks, tenants }
}

async function makeDeploymentJobs(): Promise<DeploymentJobsSubject> {
  const surroundings = makeSurroundings()
  const keep = <T>(make: () => T) => {
    const all = new Map<string, T>()
    return (id: string): T => {
      const one = all.get(id) ?? make()
      all.set(id, one)
      return one
    }
  }
  const statesOf = async () => []
  const answersOf = async () => []
  const ports = {
    ...createMemoryStores(),
    clock: Date.now,
    monitor: keep(() => createMemoryMonitor(surroundings)),
    eventLog: keep(() => {
      return createMemoryEventLog({
        ...surroundings,
        ...intakeOn(new Tables()),
        statesOf,
        answersOf,
      })
    }),
  }
  const jobs = createMemoryDeploymentJobs(ports)
  return { jobs, ports, takeOver: jobs.alarm }
}

describe('in memory', () => {
  monitorContract(makeMonitor)
  eventLogContract(makeEventLog)
  describe.each([...SCHEDULES])('with the shards %s', (_, schedule) => {
    eventLogContract(() => makeEventLog(schedule))
  })
  deploymentJobsContract(makeDeploymentJobs)
})
