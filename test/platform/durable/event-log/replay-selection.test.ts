import { describe, expect, it } from 'vitest'
import { UNTRIED } from '../../../../src/engine/health/runs.ts'
import { selectForReplay } from '../../../../src/platform/durable/event-log/replay-selection.ts'
import { eventAt } from '../../../contracts/durable-fixtures.ts'

describe('a replay of what is missing', () => {
  it('asks about 200 events at a time and keeps their order', async () => {
    const events = Array.from({ length: 450 }, (_, ms) => eventAt(ms))
    const asked: (readonly string[])[] = []
    const delivered = new Set([0, 199, 200, 449].map((ms) => eventAt(ms).id))
    const request = { webhookId: 'w', eventTypes: ['*'], scope: {}, since: 0, until: 1 }
    const selected = await selectForReplay(
      events,
      { ...request, onlyMissing: true },
      async (_, ids) => {
        asked.push(ids)
        return ids.map((id) => ({
          ...UNTRIED,
          status: delivered.has(id) ? 'delivered' : 'pending',
        }))
      },
    )
    expect(asked.map(({ length }) => length)).toEqual([200, 200, 50])
    expect(selected).toEqual(events.filter(({ id }) => !delivered.has(id)))
    expect(selected).toHaveLength(446)
  })
})
