// The tables of one webhook monitor, opened together.

import { RETENTION } from '../../../retention.ts'
import type { Bindings } from '../../bindings.ts'
import { senderTo } from '../../queues/first-batch.ts'
import { ErasedEvents } from '../erased-events.ts'
import { inTime } from '../in-time.ts'
import { JobStore, type StoredJob } from '../job-store.ts'
import { type MigratedStorage, migrate } from '../migrate.ts'
import { flush, type Step, StoredOutbox } from '../outbox.ts'
import { DeliveryStore } from './delivery-store.ts'
import { DivertedRetention } from './diverted-retention.ts'
import { DivertedStore } from './diverted-store.ts'
import { HeldStore } from './held-store.ts'
import { Holds } from './holds.ts'
import { JointStore } from './joint-store.ts'
import { Joints } from './joints.ts'
import { Pauses } from './pauses.ts'
import { PendingDeliveries } from './pending-deliveries.ts'
import { PlaceStore } from './places.ts'
import { Rates } from './rates.ts'
import { ReportStore } from './report-store.ts'
import { Resends } from './resends.ts'
import { MONITOR_SCHEMA } from './schema.ts'
import { ToldActivity } from './told-activity.ts'

export type MonitorStores = ReturnType<typeof openMonitorStores>

/** The stores on storage that is brought up to date first. */
export function openMonitorStores(storage: MigratedStorage, env: Bindings) {
  migrate(storage, MONITOR_SCHEMA)
  const { sql } = storage
  const retention = new DivertedRetention(sql)
  const deliveries = new DeliveryStore(sql)
  const diverted = new DivertedStore(sql, retention, deliveries)
  const jobs = new JobStore(sql)
  const reports = new ReportStore(sql)
  const joint = new JointStore(sql)
  const held = new HeldStore(sql, joint)
  const places = new PlaceStore(sql, held)
  const joints = new Joints({ held, joint, deliveries, reports })
  const pauses = new Pauses(held, reports, env.DB)
  const rates = new Rates(sql, held, reports)
  const toDeliveries = senderTo(env, 'DELIVERIES')
  const send = (texts: readonly string[]) => inTime(toDeliveries(texts))
  return {
    sql,
    reports,
    deliveries,
    diverted,
    retention,
    jobs,
    held,
    joint,
    joints,
    places,
    erased: new ErasedEvents(sql),
    pauses,
    rates,
    holds: new Holds({ held, reports, jobs, rates, joints }, pauses, send, env),
    pending: new PendingDeliveries({ sql, deliveries, diverted, held, joint, places, reports }),
    outbox: new StoredOutbox(sql, send),
    resends: new Resends({ diverted, deliveries, jobs }, send),
    told: new ToldActivity(env, reports),
  }
}

/** What there is to send, and to finish. */
export function stepsOf(
  { outbox, resends }: MonitorStores,
  deletions: readonly StoredJob[],
  finish: (deletion: StoredJob) => Promise<void>,
): readonly Step[] {
  return [
    () => flush(outbox),
    ...resends.underWay(),
    ...deletions.map((job) => async () => {
      await finish(job)
      return false
    }),
  ]
}

/** Removes what was kept long enough; whether anything is left. */
export function pruneStores(stores: MonitorStores, now: number): boolean {
  const { reports, diverted, deliveries, jobs, erased } = stores
  const left = [
    jobs.prune(now - RETENTION.eventSeconds * 1_000),
    reports.prune(now - RETENTION.attemptSeconds * 1_000),
    diverted.prune(now - RETENTION.divertedSeconds * 1_000, now),
    erased.prune(now),
    deliveries.prune(now - RETENTION.eventSeconds * 1_000),
  ]
  return left.includes(true)
}

/** After a transaction that was undone. */
export function reloadStores(stores: MonitorStores): void {
  const { reports, deliveries, held, joint, places, rates, erased, diverted, retention } = stores
  const kept = [reports, deliveries, joint, held, places, rates, erased, diverted, retention]
  for (const store of kept) store.reload()
}
