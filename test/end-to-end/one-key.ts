// A product with many customers and one key: the real surfaces and the real engine, on a deployment in memory. (On real objects, with
// fewer of them: many-tenants.ts.)

import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { createApp } from '../../src/compose.ts'
import type { SurfaceBindings } from '../../src/http/surface.ts'
import { readPortalSettings } from '../../src/platform/portal-settings.ts'
import { Bench } from '../fixtures/bench.ts'

/** Events of one request, as many as there may be. */
const MOST = 1_000

/** What is sent to `/v1` of this deployment. */
function calling({ engine, ports }: Bench) {
  const app = createApp()
  const bindings: SurfaceBindings = {
    engine,
    log: ports.log,
    adminToken: env.ADMIN_TOKEN,
    exampleSecret: null,
    checkTarget: ports.checkTarget,
    isPrivateTarget: () => false,
    withinRate: null,
    allowedOrigins: new Set(),
    ...readPortalSettings({}),
    privateTargetsAllowed: true,
  }
  return async <T>(token: string, path: string, input: unknown): Promise<T> => {
    const headers = { authorization: `Bearer ${token}` }
    const init = { method: 'POST', headers, body: JSON.stringify(input) }
    const response = await app.fetch(new Request(`https://hookline.test/v1${path}`, init), bindings)
    const text = await response.text()
    expect(response.status, text.slice(0, 500)).toBeLessThan(300)
    return JSON.parse(text)
  }
}

/** Publishes to `count` tenants with one key. */
export function publishesWithOneKey(count: number): void {
  it(`one key publishes to ${count} tenants, and each is sent its own`, async ({ task }) => {
    const bench = await Bench.open()
    const { findIds } = bench.ports.tenants
    const looks = { names: 0 }
    bench.ports.tenants.findIds = (names) => {
      looks.names += names.length
      return findIds(names)
    }
    const post = calling(bench)
    const { token } = await post<{ token: string }>(env.ADMIN_TOKEN, '/operator-keys', {
      permissions: ['events:write', 'webhooks:write', 'tenants:write'],
    })
    const uids = Array.from({ length: count }, (_, n) => `customer-${n}`)
    for (const uid of uids) {
      await post(token, '/tenants', { name: uid, uid })
      const url = `https://receiver.example/${uid}`
      await post(token, `/tenants/${uid}/webhooks`, { url, eventTypes: ['invoice.*'] })
    }

    const startedAt = Date.now()
    const ids: string[] = []
    for (let begin = 0; begin < count; begin += MOST) {
      const events = uids.slice(begin, begin + MOST).map((tenant) => ({
        ...{ tenant, id: 'invoice-1', type: 'invoice.paid', data: { tenant } },
      }))
      const { events: answers } = await post<{ events: { id: string; duplicate: boolean }[] }>(
        token,
        '/events',
        events,
      )
      // What one tenant calls its event says nothing to another.
      expect(answers.filter(({ duplicate }) => duplicate)).toEqual([])
      ids.push(...answers.map(({ id }) => id))
      await bench.settled()
    }
    const seconds = (Date.now() - startedAt) / 1_000

    const sent = bench.requests.map(({ url, headers, body }) => ({
      url,
      id: new Headers([...headers]).get('webhook-id'),
      tenant: JSON.parse(String(body)).data.tenant,
    }))
    expect(sent.toSorted((a, b) => (a.url < b.url ? -1 : 1))).toEqual(
      uids
        .map((uid, n) => ({ url: `https://receiver.example/${uid}`, id: ids[n], tenant: uid }))
        .toSorted((a, b) => (a.url < b.url ? -1 : 1)),
    )
    expect([bench.handedOver, bench.published]).toEqual([[], []])
    task.meta.counted = `${count} tenants published to with one key in ${seconds} s, ${looks.names} names looked up`
  }, 300_000)
}
