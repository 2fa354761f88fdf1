// Every test file starts with an empty, migrated database and new objects. Files share a runtime, so that each also leaves
// behind what it changed in it. The log lines of a test are shown if it fails: a tenth of the suite's time went into showing
// Vitest those of all others.

import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterAll, beforeEach, vi } from 'vitest'
import { watchDatabase } from './end-to-end/outage.ts'
import { callNoOther } from './fixtures/hookline.ts'
import { forgetEarlierMessages } from './fixtures/own-messages.ts'

watchDatabase()
await reset()
await applyD1Migrations(env.DB, env.MIGRATIONS)
forgetEarlierMessages()

const lines: string[] = []
const { log } = console
console.log = (line) => void lines.push(String(line))

beforeEach(({ onTestFailed }) => {
  lines.length = 0
  onTestFailed(() => log(lines.join('\n')))
})

afterAll(() => {
  console.log = log
  vi.restoreAllMocks()
  vi.useRealTimers()
  callNoOther()
})
