// Every test file starts with an empty, migrated database and new objects. Files share a runtime, so that each also leaves
// behind what it changed in it.

import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterAll, vi } from 'vitest'
import { callNoOther } from './fixtures/hookline.ts'
import { forgetEarlierMessages } from './fixtures/own-messages.ts'

await reset()
await applyD1Migrations(env.DB, env.MIGRATIONS)
forgetEarlierMessages()

afterAll(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  callNoOther()
})
