// A deployment in memory at the present time: its stores and objects, and what these send. What is on its way when a test
// ends reaches nobody. (A world whose time and queues move by themselves is in world.ts.)

import { createDialectRuntimes } from '../../src/compose.ts'
import { IsolateRequests } from '../../src/engine/health/requests-under-way.ts'
import { fromDeliveryText } from '../../src/engine/messages/delivery-message.ts'
import type { KeptDelivery } from '../../src/engine/model/index.ts'
import type { DeliveryMessage, DialectRuntimes, Ports } from '../../src/engine/ports/index.ts'
import { Timers } from '../../src/platform/outgoing/timers.ts'
import { readSettings } from '../../src/platform/settings.ts'
import { checkTarget } from '../../src/platform/target-policy/check-target.ts'
import { createMemoryDeploymentJobs } from './deployment-jobs.ts'
import { createMemoryEventLog } from './event-log.ts'
import { createMemoryMonitor } from './monitor.ts'
import { createMemoryStores, raiseEpoch, readWebhooks, Tables } from './stores.ts'
import { untraced } from './tracing.ts'

/** What a bench sees to itself: outgoing requests, queues, log lines, and what goes on in the background. */
export type StandingPorts = Omit<
  Ports,
  'send' | 'events' | 'deliveries' | 'log' | 'random' | 'background'
>

export interface Deployment {
  readonly ports: StandingPorts
  /** What its objects sent to the deliveries queue, in order. */
  readonly sentByObjects: readonly DeliveryMessage[]
}

/** Private targets are allowed; else with the settings that a deployment has unless told. */
export function createMemoryDeployment(
  dialectRuntimes: DialectRuntimes = createDialectRuntimes(),
): Deployment {
  const sentByObjects: DeliveryMessage[] = []
  const tables = new Tables()
  const stores = createMemoryStores(tables)
  const clock = () => Date.now()
  const surroundings = {
    clock,
    delayScale: 1,
    send: async (texts: readonly string[]) => {
      sentByObjects.push(...texts.flatMap((text) => fromDeliveryText(text) ?? []))
      return texts.length
    },
    scheduleAlarm: () => {},
    goOn: () => {},
    isConfigured: async (ref: { readonly tenantId: string; readonly id: string }) =>
      (await stores.webhooks.find(ref)) !== null,
    pauseOf: async (ref: { readonly tenantId: string; readonly id: string }) =>
      (await stores.webhooks.find(ref))?.pause ?? null,
    keepDeliveries: (
      tenantId: string,
      webhookId: string,
      kept: readonly KeptDelivery[],
    ): Promise<void> => eventLog(tenantId).keepDeliveries(webhookId, kept),
  }
  const monitor = keep(() => createMemoryMonitor(surroundings))
  const eventLog = keep(() =>
    createMemoryEventLog({
      ...surroundings,
      statesOf: (webhookId, ids) => monitor(webhookId).statesOfEvents(ids),
      answersOf: (webhookId, ids) => monitor(webhookId).lastAnswers(ids),
      eraseAt: (webhookId, work) => work(monitor(webhookId)),
      readWebhooks: async (tenantId) => readWebhooks(tables, tenantId),
      raiseEpoch: async (tenantId, epoch) => raiseEpoch(tables, tenantId, epoch),
      sendAccepted: async (texts) => texts.length,
      dialectRuntimes,
    }),
  )
  const timers = new Timers()
  const policy = { allowPrivate: true, ownHosts: new Set<string>() }
  const ports: StandingPorts = {
    ...stores,
    clock,
    inSpan: untraced,
    timer: (ms) => timers.timer(ms),
    monitor,
    eventLog,
    deploymentJobs: createMemoryDeploymentJobs({ ...stores, clock, monitor, eventLog }),
    diagnostics: { look: async () => [], lookAtQueues: async () => [] },
    checkTarget: (url) => checkTarget(url, policy),
    underWay: new IsolateRequests(),
    dialectRuntimes,
    settings: readSettings({
      DELAY_SCALE: '',
      WEBHOOKS_PER_TENANT: '',
      FAN_OUT: '',
      FIRST_ATTEMPTS: '',
    }),
  }
  return { ports, sentByObjects }
}

/** One of each id. */
function keep<T>(make: () => T): (id: string) => T {
  const all = new Map<string, T>()
  return (id) => {
    const one = all.get(id) ?? make()
    all.set(id, one)
    return one
  }
}
