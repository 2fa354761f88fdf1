// Log lines, which are billed by their bytes (docs/cost.md, "Log lines"): the ones that the Worker really writes, through its
// own logger, on the way of an event.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { costPage } from './cost-page.ts'
import { logDollarsPerMillion } from './prices.ts'
import { Scenario } from './scenario.ts'

const EVENTS = 50

const lines: string[] = []

beforeEach(() => {
  vi.restoreAllMocks()
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(null, { status: 204 }))
  vi.spyOn(console, 'log').mockImplementation((line) => lines.push(line))
})

afterEach(() => Scenario.closeAll())

/** What docs/cost.md says of it, however wide its columns and lines are. */
const page = costPage.replaceAll(/\s+/g, ' ')

/** With a duration of one digit, so that a busy machine writes no longer lines than an idle one. */
const bytesOf = (line: string) =>
  new TextEncoder().encode(line.replace(/"durationMs":\d+/, '"durationMs":0')).byteLength

const linesOf = (event: string) => lines.filter((line) => JSON.parse(line).event === event)

/** Bytes of the one length that such lines have. */
function lengthOf(event: string): number {
  const [bytes = 0, ...others] = new Set(linesOf(event).map(bytesOf))
  expect(others).toEqual([])
  return bytes
}

async function write(how: { webhooks: number; perPublish: number; batchSize: number }) {
  const scenario = await Scenario.open(how)
  lines.length = 0
  await scenario.measure({ events: EVENTS, ...how })
}

describe('a million events', () => {
  it.for([
    { webhooks: 1, perPublish: 1, batchSize: 10, ingested: '0.128', stored: '0.012' },
    { webhooks: 3, perPublish: 1, batchSize: 10, ingested: '0.268', stored: '0.025' },
    { webhooks: 1, perPublish: 1, batchSize: 1, ingested: '0.128', stored: '0.012' },
    { webhooks: 3, perPublish: 1, batchSize: 1, ingested: '0.268', stored: '0.025' },
    { webhooks: 1, perPublish: 50, batchSize: 10, ingested: '0.071', stored: '0.007' },
    { webhooks: 3, perPublish: 50, batchSize: 10, ingested: '0.211', stored: '0.020' },
  ])(
    'to $webhooks webhooks, published $perPublish at a time, in batches of $batchSize, leave log lines of $ingested dollars',
    async ({ ingested, stored, ...how }, { task }) => {
      await write(how)
      expect(linesOf('request')).toHaveLength(EVENTS / how.perPublish)
      expect(linesOf('attempt')).toHaveLength(EVENTS * how.webhooks)
      expect(lines).toHaveLength(EVENTS / how.perPublish + EVENTS * how.webhooks)
      const bytes = lines.reduce((sum, line) => sum + bytesOf(line), 0) / EVENTS
      const dollars = logDollarsPerMillion(bytes)
      task.meta.counted = `${how.webhooks} × ${how.perPublish}: ${bytes} bytes of log lines an event`
      expect(dollars.ingested.toFixed(3)).toBe(ingested)
      expect(dollars.stored.toFixed(3)).toBe(stored)
      const said = `| ${bytes.toFixed(0)} B | $${ingested} | $${stored} |`
      expect(page.includes(said), `docs/cost.md says ${said}`).toBe(true)
    },
  )
})

it('the lines are as long as docs/cost.md says', async () => {
  await write({ webhooks: 1, perPublish: 1, batchSize: 10 })
  const said = `a request ${lengthOf('request')} bytes, an attempt ${lengthOf('attempt')}`
  expect(page.includes(said), `docs/cost.md says ${said}`).toBe(true)
})
