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
      {
        statesOf: async (_, ids) => {
          asked.push(ids)
          return ids.map((id) => ({
            ...UNTRIED,
            status: delivered.has(id) ? 'delivered' : 'pending',
          }))
        },
        answersOf: async () => [],
      },
    )
    expect(asked.map(({ length }) => length)).toEqual([200, 200, 50])
    expect(selected).toEqual(events.filter(({ id }) => !delivered.has(id)))
    expect(selected).toHaveLength(446)
  })
})

describe('a replay of some', () => {
  const request = { webhookId: 'w', eventTypes: ['*'], scope: {}, since: 0, until: 1 }
  const events = [
    { ...eventAt(0), channels: ['a', 'b'], tags: ['t'] },
    { ...eventAt(1), channels: ['b'] },
    { ...eventAt(2), tags: ['t', 'u'] },
  ]
  const statuses = ['delivered', 'failing', 'diverted'] as const
  const answers = [{ at: 1, statusCode: 204 }, { at: 1, statusCode: null }, null]
  const selected = async (only: object) => {
    const asked = { ...request, channels: ['a', 'b'], onlyMissing: false, ...only }
    const placeOf = (id: string) => events.findIndex((event) => event.id === id)
    const chosen = await selectForReplay(events, asked, {
      statesOf: async (_, ids) =>
        ids.map((id) => ({ ...UNTRIED, status: statuses[placeOf(id)] ?? 'pending' })),
      answersOf: async (_, ids) => ids.map((id) => answers[placeOf(id)] ?? null),
    })
    return chosen.map(({ id }) => events.findIndex((event) => event.id === id))
  }

  it.each([
    [{ channels: [] }, [0, 1, 2]],
    [{ onlyChannel: 'a' }, [0]],
    [{ onlyChannel: 'b' }, [0, 1]],
    [{ channels: [], onlyTag: 't' }, [0, 2]],
    [{ channels: [], onlyTag: 'none' }, []],
    [{ channels: [], onlyStatuses: ['diverted', 'failing'] }, [1, 2]],
    [{ channels: [], onlyStatuses: ['delivered'], onlyMissing: true }, []],
    [{ onlyChannel: 'b', onlyTag: 't', onlyStatuses: ['delivered'] }, [0]],
    [{ channels: [], onlyCodeClass: 200 }, [0]],
    [{ channels: [], onlyCodeClass: 0 }, [1]],
    [{ channels: [], onlyCodeClass: 500 }, []],
  ])('that %j asks for is of %j', async (only, expected) => {
    expect(await selected(only)).toEqual(expected)
  })
})
