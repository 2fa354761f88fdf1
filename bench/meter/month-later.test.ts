// What it costs a month later that events are kept no longer (docs/cost.md).

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { costPage } from './cost-page.ts'
import { dollarsPerMillion } from './prices.ts'
import { Scenario, withinDay } from './scenario.ts'

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

  // The last report, which is the health, is carried over: a row for all of them.
  it.for([
    { retries: true, title: 'failed once' },
    { retries: false, title: 'were given up and diverted' },
  ])('that $title cost nothing more either', async ({ retries, title }, { task }) => {
    const seen = new Set<string | null>()
    vi.mocked(fetch).mockImplementation(async (_, init) => {
      const id = new Headers(init?.headers).get('webhook-id')
      const isFailing = !retries || !seen.has(id)
      seen.add(id)
      return new Response(null, { status: isFailing ? 500 : 204 })
    })
    const failureHandling = retries ? { suspend: null } : { suspend: null, retry: null }
    const scenario = await withinDay(async () => {
      const opened = await Scenario.open({ webhooks: 1, fields: { failureHandling } })
      await opened.measure({ events: 200, perPublish: 1 })
      return opened
    })
    const deleted = await scenario.forget(40 * 86_400_000)
    const dollars = dollarsPerMillion({ ...deleted, objectRequests: 0 }, 200)
    task.meta.counted = `forgotten after a month, ${title}: $${dollars.toFixed(3)} a million events more`
    expect(dollars).toBeLessThanOrEqual(0.01)
    const said = '$0.01 at most for a million that failed'
    expect(costPage.includes(said), `docs/cost.md says ${said}`).toBe(true)
  })
})
