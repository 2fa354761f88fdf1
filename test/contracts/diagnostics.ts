// The contract of Diagnostics: a look at every component, in time and whatever they do.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { COMPONENTS, type Diagnostics } from '../../src/engine/ports/index.ts'

/** What is wrong with a component: its error says `hidden`, or it does not answer. */
export type Flaw = 'failing' | 'hanging'
export type Flaws = Partial<Readonly<Record<'eventsQueue' | 'deliveriesQueue', Flaw>>>

export function diagnosticsContract(make: (flaws: Flaws) => Diagnostics): void {
  describe('diagnostics', () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    })
    afterEach(() => {
      vi.useRealTimers()
    })

    async function look(flaws: Flaws = {}) {
      const looking = make(flaws).look()
      await vi.advanceTimersByTimeAsync(2_000)
      const found = await looking
      const unwell = found.filter(({ reachable }) => !reachable)
      return { found, unwell }
    }

    it('look at every component, each once', async () => {
      const { found } = await look()
      expect(found.map(({ component }) => component)).toEqual(COMPONENTS)
    })

    it('have nothing to say of what is well', async () => {
      const { found, unwell } = await look()
      expect(unwell).toEqual([])
      for (const { reason, latencyMs } of found) {
        expect(reason).toBeNull()
        expect(latencyMs).toBeGreaterThanOrEqual(0)
      }
    })

    it('tell what waits of queues only, and no oldest message of an empty one', async () => {
      const { found } = await look()
      for (const { component, backlog } of found) {
        const empty = { messages: 0, bytes: 0, oldestAt: null }
        expect(backlog).toEqual(component.endsWith('Queue') ? empty : null)
      }
    })

    it('look at the queues alone', async () => {
      const found = await make({}).lookAtQueues()
      const queues = COMPONENTS.filter((component) => component.endsWith('Queue'))
      expect(found.map(({ component }) => component)).toEqual(queues)
    })

    it.each<Flaws>([
      { eventsQueue: 'failing' },
      { eventsQueue: 'hanging' },
      { eventsQueue: 'hanging', deliveriesQueue: 'failing' },
    ])('find what is not well in time, and that alone: %j', async (flaws) => {
      const { found, unwell } = await look(flaws)
      expect(found).toHaveLength(COMPONENTS.length)
      expect(unwell.map(({ component }) => component)).toEqual(Object.keys(flaws))
      for (const { reason, backlog } of unwell) {
        expect(reason).toMatch(/^[A-Z].*\.$/)
        expect(reason).not.toContain('hidden')
        expect(backlog).toBeNull()
      }
    })
  })
}
