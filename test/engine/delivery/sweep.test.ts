// Which event logs forget what is old at which hour.

import { expect, it, vi } from 'vitest'
import { endingsAt, sweepEventLogs } from '../../../src/engine/delivery/sweep.ts'
import { EngineError } from '../../../src/errors.ts'
import { createMemoryDeployment } from '../../fakes/deployment.ts'

const HOUR_MS = 3_600_000

it('gives each ending of an id one hour of a week', () => {
  const start = Date.UTC(2026, 10, 23, 5, 17)
  const week = Array.from({ length: 168 }, (_, hour) => endingsAt(start + hour * HOUR_MS)).flat()
  expect(week.toSorted()).toEqual(
    Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, '0')),
  )
  expect(endingsAt(start + 168 * HOUR_MS)).toEqual(endingsAt(start))
})

it('sweeps the event logs of those tenants, and goes on where one cannot be reached', async () => {
  const { ports } = createMemoryDeployment()
  const now = Date.UTC(2026, 10, 23, 5)
  const [ending = ''] = endingsAt(now)
  const [other = ''] = endingsAt(now + HOUR_MS)
  const idOf = (n: number, end: string) =>
    `01940000-0000-7000-8000-${String(n).padStart(10, '0')}${end}`
  const ids = Array.from({ length: 45 }, (_, n) => idOf(n, ending))
  for (const id of [...ids, idOf(1, other)]) {
    await ports.tenants.insert({
      id,
      name: id,
      createdAt: now,
      uid: null,
      metadata: {},
      retentionDays: 30,
    })
  }
  const swept: string[] = []
  const lines: unknown[] = []
  const eventLog = (tenantId: string) => ({
    ...ports.eventLog(tenantId),
    sweep: vi.fn(async () => {
      if (tenantId === ids[3]) throw new EngineError('unavailable', 'It is down.')
      swept.push(tenantId)
    }),
  })
  const log = (line: unknown) => void lines.push(line)
  expect(await sweepEventLogs({ ...ports, clock: () => now, eventLog, log })).toBe(44)
  expect(swept.toSorted()).toEqual(ids.filter((id) => id !== ids[3]))
  expect(lines).toMatchObject([{ event: 'sweep.skipped', tenantId: ids[3] }])
})
