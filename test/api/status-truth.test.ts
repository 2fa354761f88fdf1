// Health while every component answers and yet no delivery can be made.

import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { callInstead, send } from '../fixtures/hookline.ts'
import { startWorker } from '../fixtures/worker.ts'
import { askAdmin, newCaller } from './asked.ts'

const worker = startWorker(dialects)
const OTHER_KEY = btoa('a newer key of thirty-two bytes.')

// Each test begins later than an answer of the one before is kept.
let now = Date.UTC(2096, 0, 1)

beforeEach(() => {
  now += 60_000
  vi.useFakeTimers({ toFake: ['Date'], now })
  callInstead(worker.fetch)
})

afterEach(() => void vi.useRealTimers())

describe('while no delivery can be made', () => {
  it.each([
    ['SECRETS_KEY is malformed', { SECRETS_KEY: 'c2hvcnQta2V5' }, 'secrets'],
    ['SECRETS_KEY opens nothing of what is stored', { SECRETS_KEY: OTHER_KEY }, 'secrets'],
  ])('because %s, health says so', async (_, bindings, name) => {
    const { ask } = await newCaller()
    await ask('POST', '/v1/webhooks', { url: 'https://a.example/', eventTypes: ['*'] })
    callInstead(startWorker(dialects, bindings).fetch)
    await expectUnwell(name)
  })

  it('because D1 was never migrated, health says so', async () => {
    const tables = ['keys', 'subscriptions', 'webhooks', 'tenants']
    await env.DB.batch(
      tables.map((one) => env.DB.prepare(`ALTER TABLE ${one} RENAME TO no_${one}`)),
    )
    try {
      await expectUnwell('database')
    } finally {
      await env.DB.batch(
        tables.map((one) => env.DB.prepare(`ALTER TABLE no_${one} RENAME TO ${one}`)),
      )
    }
  })

  async function expectUnwell(name: string): Promise<void> {
    expect(await send({ method: 'GET', path: '/v1/health' })).toMatchObject({
      status: 503,
      body: { status: 'degraded' },
    })
    const { body } = await askAdmin('GET', '/v1/status')
    const { status, components } = body as {
      status: string
      components: { name: string; reachable: boolean; reason: string }[]
    }
    expect(status).toBe('degraded')
    const found = components.find((one) => one.name === name)
    expect(found).toMatchObject({ reachable: false, reason: expect.stringMatching(/^.{20,}\.$/) })
  }
})
