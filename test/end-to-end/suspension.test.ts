// docs/contracts/delivery.md, "Suspension": suspension by time and count, as its owner sees it coming.

import { describe, expect, it, vi } from 'vitest'
import { answering, call, createWebhook, eventually, openWorld } from './world.ts'

describe('a suspension by time and count', () => {
  it('shows since when the webhook fails and when it will be suspended, and comes then', async () => {
    const { key } = await openWorld()
    const webhook = await createWebhook(key, answering(500), {
      failureHandling: {
        retry: { type: 'linear', intervalSeconds: 1, attempts: 5 },
        suspend: { afterSeconds: 1, afterFailures: 2 },
      },
    })
    interface Health {
      readonly status: string
      readonly failingSince: string | null
      readonly suspendsAt: string | null
    }
    const health = () => call<Health>(key, 200, 'GET', `/webhooks/${webhook.id}/health`)
    await call(key, 202, 'POST', '/events', { type: 'invoice.paid', data: {} })
    await eventually(async () => expect((await health()).failingSince).not.toBeNull())
    // One event alone suspends nothing, however long it fails.
    expect(await health()).toMatchObject({ status: 'active', suspendsAt: null })
    await call(key, 202, 'POST', '/events', { type: 'invoice.paid', data: {} })
    const { failingSince, suspendsAt } = await vi.waitFor(async () => {
      const shown = await health()
      expect(shown.suspendsAt).not.toBeNull()
      return shown
    })
    expect(Date.parse(suspendsAt ?? '') - Date.parse(failingSince ?? '')).toBe(1_000)
    await eventually(async () => {
      expect(await health()).toMatchObject({ status: 'suspended', suspendsAt: null })
    })
  })
})
