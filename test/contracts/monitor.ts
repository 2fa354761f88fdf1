// The contract of Monitor.

import { describe } from 'vitest'
import type { MonitorSubject } from './durable-fixtures.ts'
import { monitorAttempts } from './monitor-attempts.ts'
import { monitorBatches } from './monitor-batches.ts'
import { monitorCancel } from './monitor-cancel.ts'
import { monitorDiverted } from './monitor-diverted.ts'
import { monitorErase } from './monitor-erase.ts'
import { monitorHealth } from './monitor-health.ts'
import { monitorHolds } from './monitor-holds.ts'
import { monitorOrder } from './monitor-order.ts'
import { monitorPauses } from './monitor-pauses.ts'
import { monitorPurge } from './monitor-purge.ts'
import { monitorRates } from './monitor-rates.ts'
import { monitorReports } from './monitor-reports.ts'
import { monitorResends } from './monitor-resends.ts'
import { monitorStates } from './monitor-states.ts'

/** `make` gives a new monitor of a new webhook. */
export function monitorContract(make: () => Promise<MonitorSubject>): void {
  describe('a monitor', () => {
    monitorReports(make)
    monitorStates(make)
    monitorAttempts(make)
    monitorHealth(make)
    monitorHolds(make)
    monitorPauses(make)
    monitorRates(make)
    monitorBatches(make)
    monitorOrder(make)
    monitorCancel(make)
    monitorDiverted(make)
    monitorResends(make)
    monitorErase(make)
    monitorPurge(make)
  })
}
