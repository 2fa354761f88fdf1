// A key that asks too often, on every surface; and what that costs everybody else: nothing.

import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { KEYS } from '../../src/limits.ts'
import wranglerToml from '../../wrangler.toml?raw'
import {
  callInstead,
  createKey,
  createTenant,
  presentations,
  type TestKey,
  type TestTenant,
} from '../fixtures/hookline.ts'
import { startWorker } from '../fixtures/worker.ts'
import { refusal } from './access-table.ts'

/** Counts as the binding does, until the test says that its period is over. */
const counter = {
  counts: new Map<string, number>(),
  most: 3,
  isDown: false,
  async limit({ key }: { readonly key: string }) {
    if (this.isDown) throw new Error('The rate limiter is down.')
    const count = (this.counts.get(key) ?? 0) + 1
    this.counts.set(key, count)
    return { success: count <= this.most }
  },
  nextPeriod() {
    this.counts.clear()
  },
}

const limited = startWorker(dialects, { RATE_LIMIT: 'true', KEY_REQUESTS: counter })
const unlimited = startWorker(dialects, { RATE_LIMIT: 'false', KEY_REQUESTS: counter })
callInstead(unlimited.fetch)

const SENTENCE = 'Too many requests were made with this key. Try again later.'

let tenant: TestTenant
let key: TestKey

beforeAll(async () => {
  tenant = await createTenant()
})

beforeEach(async () => {
  key = await createKey(tenant)
  counter.nextPeriod()
  counter.isDown = false
})

async function ask(
  worker: typeof limited,
  path: string,
  headers: Readonly<Record<string, string>> = presentations.bearer(key),
) {
  const response = await worker.fetch(new Request(`https://hookline.test${path}`, { headers }))
  return { status: response.status, headers: response.headers, text: await response.text() }
}

const paths = () => [
  '/v1/webhooks',
  '/integrations',
  '/webhooks/v1/webhook',
  '/v3/instances/default/webhook',
  '/api/v2/config/webhook',
  `/event/${tenant.id}/webhooks/list`,
]

describe('a key over its rate', () => {
  it('is told so in every surface’s shape, and when to come again', async ({ task }) => {
    for (const path of paths()) {
      key = await createKey(tenant)
      for (let request = 1; request <= 3; request += 1) {
        expect((await ask(limited, path)).status, path).toBe(200)
      }
      const { status, headers, text } = await ask(limited, path)
      const expected = refusal(path, 'rate_limited', SENTENCE)
      expect({ status, body: JSON.parse(text) }, path).toEqual(expected)
      expect(headers.get('retry-after')).toBe('60')
    }
    task.meta.counted = `${paths().length} surfaces: 3 requests of a key answered, the 4th refused with 429`
  })

  it('is counted over all surfaces and presentations, paths that are none included', async () => {
    expect((await ask(limited, '/v1/webhooks')).status).toBe(200)
    expect((await ask(limited, '/integrations', presentations.basic(key))).status).toBe(200)
    expect((await ask(limited, '/v3/nowhere', presentations.apiKey(key))).status).toBe(404)
    expect((await ask(limited, '/webhooks/v1/webhook')).status).toBe(429)
  })

  it('does nothing', async () => {
    counter.counts.set(key.id, 3)
    const body = JSON.stringify({ type: 'a', data: {} })
    const headers = presentations.bearer(key)
    const request = new Request('https://hookline.test/v1/events', {
      method: 'POST',
      headers,
      body,
    })
    const before = limited.messages.length
    expect((await limited.fetch(request)).status).toBe(429)
    expect(limited.messages.length).toBe(before)
  })

  it('is answered again in the next period', async () => {
    counter.counts.set(key.id, 3)
    expect((await ask(limited, '/v1/webhooks')).status).toBe(429)
    counter.nextPeriod()
    expect((await ask(limited, '/v1/webhooks')).status).toBe(200)
  })

  it('takes nothing from another key of its tenant, or from another tenant', async () => {
    const sibling = await createKey(tenant)
    const other = await createKey(await createTenant())
    for (let request = 1; request <= 20; request += 1) await ask(limited, '/v1/webhooks')
    for (const each of [sibling, other]) {
      const { status } = await ask(limited, '/v1/webhooks', presentations.bearer(each))
      expect(status).toBe(200)
    }
  })

  it('is not spent by who has its id but not its secret', async () => {
    for (let request = 1; request <= 5; request += 1) {
      const wrong = { authorization: `Bearer ${key.id}.wrong` }
      expect((await ask(limited, '/v1/webhooks', wrong)).status).toBe(401)
    }
    expect((await ask(limited, '/v1/webhooks')).status).toBe(200)
  })
})

describe('the rate', () => {
  it('is not the administrator’s, nor everybody’s', async () => {
    const authorization = `Bearer ${env.ADMIN_TOKEN}`
    for (let request = 1; request <= 5; request += 1) {
      expect((await ask(limited, '/v1/tenants', { authorization })).status).toBe(200)
      expect((await ask(limited, '/v1/openapi.json', {})).status).toBe(200)
    }
    expect(counter.counts.size).toBe(0)
  })

  it('is nobody’s unless it is switched on, and then nothing counts', async () => {
    for (let request = 1; request <= 5; request += 1) {
      expect((await ask(unlimited, '/v1/webhooks')).status).toBe(200)
    }
    expect(counter.counts.size).toBe(0)
    expect(env.RATE_LIMIT).toBe('false')
  })

  it('keeps nobody out when it cannot be counted, and says so in the log', async () => {
    const lines = vi.spyOn(console, 'log').mockImplementation(() => {})
    counter.isDown = true
    expect((await ask(limited, '/v1/webhooks')).status).toBe(200)
    const events = lines.mock.calls.map(([line]) => JSON.parse(String(line)).event)
    lines.mockRestore()
    expect(events).toContain('rate.uncounted')
  })

  it('is kept by the binding of wrangler.toml, whose period is the Retry-After', async () => {
    const [, most, period] =
      /name = "KEY_REQUESTS"[^[]*limit = (\d+), period = (\d+)/.exec(wranglerToml) ?? []
    expect(Number(period)).toBe(KEYS.ratePeriodSeconds)
    // A period may end meanwhile: then the count begins anew, once.
    const calls = Array.from({ length: 2 * Number(most) + 1 }, () =>
      env.KEY_REQUESTS.limit({ key: key.id }),
    )
    const allowed = (await Promise.all(calls)).filter(({ success }) => success)
    expect(allowed.length).toBeGreaterThanOrEqual(Number(most))
    expect(allowed.length).toBeLessThanOrEqual(2 * Number(most))
  })
})
