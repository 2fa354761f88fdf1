// The contract of InSpan: the work is done once, whoever traces it, and what comes of it is handed on.

import { describe, expect, it } from 'vitest'
import type { InSpan } from '../../src/engine/ports/index.ts'

export function tracingContract(inSpan: InSpan): void {
  describe('work within a span', () => {
    it('is done once, and its result handed on', async () => {
      let times = 0
      const result = await inSpan(
        'publish events',
        () => ({ 'hookline.tenant_id': 'a' }),
        async (span) => {
          span.set({ 'http.response.status_code': 204, 'error.type': undefined, traced: true })
          span.fail('It went wrong.')
          times += 1
          return { times }
        },
      )
      expect(result).toEqual({ times: 1 })
    })

    it('fails as it would without one', async () => {
      const error = new Error('down')
      await expect(
        inSpan(
          'publish events',
          () => ({}),
          () => Promise.reject(error),
        ),
      ).rejects.toBe(error)
    })

    it('may begin another one', async () => {
      const inner = () =>
        inSpan(
          'inner',
          () => ({}),
          async () => 'inner',
        )
      expect(await inSpan('outer', () => ({}), inner)).toBe('inner')
    })
  })
}
