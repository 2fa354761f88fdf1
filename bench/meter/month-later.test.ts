// What it costs a month later that events are kept no longer (docs/cost.md).

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { costPage } from './cost-page.ts'
import { dollarsPerMillion } from './prices.ts'
import { Scenario, withinPeriod } from './scenario.ts'

beforeEach(() => {
  vi.restoreAllMocks()
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(null, { status: 204 }))
  vi.spyOn(console, 'log').mockImplementation(() => {})
})

afterEach(() => Scenario.closeAll())

describe('a million events', () => {
  it('cost nothing more a month later: what is forgotten is dropped in whole tables', async ({
    task,
  }) => {
    const scenario = await Scenario.open({ webhooks: 1 })
    await scenario.measure({ events: 1_000, perPublish: 5, together: 10 })
    const deleted = await scenario.forget(40 * 86_400_000)
    const dollars = dollarsPerMillion({ ...deleted, objectRequests: 0 }, 1_000)
    task.meta.counted = `forgotten after a month: $${dollars.toFixed(3)} a million events more`
    expect(dollars).toBeLessThanOrEqual(0.01)
    expect(await scenario.forget(80 * 86_400_000)).toMatchObject({ objectRowsWritten: 0 })
  })

  // What a monitor had of it is deleted row by row.
  it.for([
    { retries: true, title: 'failed once', said: '$2.10' },
    { retries: false, title: 'were given up and diverted', said: '$3.00' },
  ])(
    'that $title are forgotten for dollars that docs/cost.md names',
    async ({ retries, said }, { task }) => {
      const seen = new Set<string | null>()
      vi.mocked(fetch).mockImplementation(async (_, init) => {
        const id = new Headers(init?.headers).get('webhook-id')
        const isFailing = !retries || !seen.has(id)
        seen.add(id)
        return new Response(null, { status: isFailing ? 500 : 204 })
      })
      const failureHandling = retries ? { suspend: null } : { suspend: null, retry: null }
      const scenario = await withinPeriod(async () => {
        const opened = await Scenario.open({ webhooks: 1, fields: { failureHandling } })
        await opened.measure({ events: 200, perPublish: 1 })
        return opened
      })
      const deleted = await scenario.forget(40 * 86_400_000)
      const dollars = dollarsPerMillion({ ...deleted, objectRequests: 0 }, 200)
      task.meta.counted = `forgotten after a month, ${retries ? 'failed once' : 'diverted'}: $${dollars.toFixed(2)} a million events more`
      expect(dollars).toBeCloseTo(Number(said.slice(1)), 1)
      expect(costPage.includes(said), `docs/cost.md says ${said}`).toBe(true)
    },
  )
})
