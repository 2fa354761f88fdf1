import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { EngineError } from '../../src/errors.ts'
import { guard } from '../../src/platform/guard.ts'
import { createKey, createTenant, sendAs } from '../fixtures/hookline.ts'

afterEach(() => vi.restoreAllMocks())

describe('a port while its component is reachable', () => {
  it('answers what the component answers', async () => {
    const port = guard('clock', { name: 'clock', read: async (n: number) => n + 1 })
    expect([port.name, await port.read(1)]).toEqual(['clock', 2])
  })

  it('turns whatever the component fails with into unavailable', async () => {
    const port = guard('clock', {
      read: async () => {
        throw new Error('D1_ERROR: network connection lost')
      },
    })
    await expect(port.read()).rejects.toMatchObject({
      code: 'unavailable',
      message: 'The clock cannot be reached at the moment. Try again later.',
      retryAfterSeconds: 5,
    })
  })

  it.each([
    ['a refusal of the engine', new EngineError('conflict', 'taken')],
    ['a bug', new TypeError('undefined is not a function')],
  ])('lets %s pass', async (_, error) => {
    const port = guard('clock', {
      read: async () => {
        throw error
      },
    })
    await expect(port.read()).rejects.toBe(error)
  })
})

describe('a surface while D1 is down', () => {
  it.each([
    ['/v1/webhooks', ['code', 'detail', 'status', 'title', 'type']],
    ['/api/v2/config/webhook', ['message']],
    ['/integrations', ['message']],
    ['/v3/instances/default/webhook', ['code', 'message', 'success']],
    ['/webhooks/v1/webhook', ['detail']],
    ['/event/{tenant}/webhooks/list', ['message']],
  ])('answers 503 with Retry-After, in its own shape, at %s', async (template, fields) => {
    const tenant = await createTenant()
    const path = template.replace('{tenant}', tenant.id)
    const call = sendAs(await createKey(tenant))
    expect(await call({ method: 'GET', path })).not.toMatchObject({ status: 503 })
    // The key is cached; everything else needs the database.
    for (const name of ['prepare', 'batch'] as const) {
      vi.spyOn(env.DB, name).mockImplementation(() => {
        throw new Error('D1_ERROR: Network connection lost.')
      })
    }
    const answer = await call({ method: 'GET', path })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    expect(Object.keys(answer.body as object).toSorted()).toEqual(fields)
    expect(answer.text).not.toContain('D1_ERROR')
  })
})
