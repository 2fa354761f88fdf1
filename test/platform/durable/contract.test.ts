// The Durable Objects keep the contracts of the ports they are behind.

import { createExecutionContext, evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, vi } from 'vitest'
import { createDialectRuntimes } from '../../../src/compose.ts'
import { shardCount } from '../../../src/engine/model/index.ts'
import { createD1Stores } from '../../../src/platform/d1/index.ts'
import { createDeploymentJobsClient } from '../../../src/platform/durable/deployment-jobs-client.ts'
import { createEventLogs } from '../../../src/platform/durable/event-log-client.ts'
import { createMonitors } from '../../../src/platform/durable/monitor-client.ts'
import { shardName } from '../../../src/platform/durable/shard-name.ts'
import { createPorts } from '../../../src/platform/ports.ts'
import { readShards } from '../../../src/platform/settings.ts'
import { createVault } from '../../../src/platform/vault.ts'
import { newId } from '../../../src/primitives/ids.ts'
import {
  type DeploymentJobsSubject,
  deploymentJobsContract,
} from '../../contracts/deployment-jobs.ts'
import {
  type EventLogSubject,
  type MonitorSubject,
  NOON,
} from '../../contracts/durable-fixtures.ts'
import { eventLogContract } from '../../contracts/event-log.ts'
import { monitorContract } from '../../contracts/monitor.ts'
import { interceptDeliveries, interceptQueues } from '../../fixtures/deliveries.ts'
import { SCHEDULES } from '../../fixtures/shard-schedules.ts'

const tenantId = '01940000-0000-7000-8000-000000000001'

function setTime(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(NOON + ms)
}

async function makeMonitor(): Promise<MonitorSubject> {
  setTime(0)
  const sent = interceptDeliveries()
  const id = newId(NOON)
  return {
    ref: { tenantId, id },
    monitor: createMonitors(env)(id),
    setTime,
    // The alarm joins the sending that is under way.
    flush: async () => {
      await runDurableObjectAlarm(env.MONITORS.getByName(id))
      return sent
    },
  }
}

async function makeEventLog(text = '1'): Promise<EventLogSubject> {
  setTime(0)
  const { deliveries, accepted } = interceptQueues()
  const shards = shardCount(readShards({ EVENT_LOG_SHARDS: text }))
  const id = newId(NOON)
  const vault = createVault(env.SECRETS_KEY)
  const { webhooks, tenants } = createD1Stores(env.DB, vault)
  return {
    tenantId: id,
    log: createEventLogs({ ...env, EVENT_LOG_SHARDS: text }, vault)(id),
    shards,
    monitorOf: createMonitors(env),
    flush: async () => {
      for (let shard = 0; shard < shards; shard += 1) {
        await runDurableObjectAlarm(env.EVENT_LOGS.getByName(shardName(id, shard)))
      }
      return deliveries
    },
    accepted,
    setTime,
    webhooks,
    tenants,
  }
}

async function makeDeploymentJobs(): Promise<DeploymentJobsSubject> {
  interceptDeliveries()
  const stub = env.DEPLOYMENT_JOBS.getByName('deployment')
  return {
    jobs: createDeploymentJobsClient(env),
    ports: createPorts(env, createExecutionContext(), createDialectRuntimes()),
    takeOver: async () => {
      await evictDurableObject(stub)
      await runDurableObjectAlarm(stub)
    },
  }
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('a Durable Object', () => {
  monitorContract(makeMonitor)
  eventLogContract(makeEventLog)
  // Under the others in memory alone: it takes a minute here.
  const [, [raised] = ['2']] = SCHEDULES
  describe(`with the shards ${raised}`, () => {
    eventLogContract(() => makeEventLog(raised))
  })
  deploymentJobsContract(makeDeploymentJobs)
})
