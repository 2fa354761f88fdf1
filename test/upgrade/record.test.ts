// Writes down what the present version stores: run once before a release changes it, kept in fixtures/ for good.
//
//   VITE_RECORD=1 npx vitest run test/upgrade/record.test.ts
//
// prints it on one line, behind `RECORDED `.

import { afterEach, expect, it, vi } from 'vitest'
import { record } from './scenario.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

it('takes down a deployment with a little of everything', async () => {
  const recorded = await record()
  const { events, deliveries } = recorded.messages
  for (const text of Object.values({ ...events, ...deliveries })) expect(text).not.toBe('')
  if (import.meta.env.VITE_RECORD) console.info(`RECORDED ${JSON.stringify(recorded)}`)
})
