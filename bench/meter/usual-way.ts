// What is counted on the way of events that are delivered at once, to however many webhooks: a request and two calls of its tenant's event
// log for each publish, and the rows that these write. What is one more is noticed (planted.test.ts).

import { expect } from 'vitest'
import type { Counts } from './counts.ts'

interface Usual {
  readonly publishes: number
  /** Written by event logs. */
  readonly rows: number
  /** How often a key may be due to be read again; such a look tells the catalogue's revision, too. */
  readonly keyReads: number
}

export function expectUsualWay(counts: Counts, { publishes, rows, keyReads }: Usual): void {
  expect(counts).toMatchObject({
    requests: publishes,
    invocations: 0,
    queueWrites: 0,
    objectRequests: publishes * 2,
    objectRowsWritten: rows,
    databaseRowsWritten: 0,
  })
  expect(counts.databaseRowsRead).toBeLessThanOrEqual(keyReads)
  expect(counts.databaseQueries).toBeLessThanOrEqual(keyReads)
}
