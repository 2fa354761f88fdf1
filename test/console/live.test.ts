// The stream behind the page of live attempts: it ends with what let its reader in.

import { env } from 'cloudflare:workers'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { KEYS } from '../../src/limits.ts'
import { TAIL } from '../../src/tuning.ts'
import { asking } from '../api/asked.ts'
import { createKey, createTenant, send } from '../fixtures/hookline.ts'
import { Visitor } from './visitor.ts'

const { stepMs } = TAIL

beforeAll(() => void Object.assign(TAIL, { stepMs: 20 }))
afterAll(() => void Object.assign(TAIL, { stepMs }))
afterEach(() => vi.useRealTimers())

const admin = asking((call) => send(call, { authorization: 'Bearer test-admin-token' }))
const ENDED = /event: end\ndata: \{"reason":"credential_ended"\}\n\n$/

/** Somebody who watches, and a second session of the same key, as another browser has. */
async function watching() {
  const tenant = await createTenant()
  const key = await createKey(tenant)
  const [watcher, other] = [new Visitor(), new Visitor()]
  await watcher.signIn(key.token)
  await other.signIn(key.token)
  const stream = await watcher.open(`/console/tenants/${tenant.id}/live/stream`)
  expect(stream.headers.get('content-type')).toContain('text/event-stream')
  return { tenant, key, watcher, other, stream }
}

const session = '/console/session'

it('ends when its session is signed out of', async () => {
  const { watcher, stream } = await watching()
  await watcher.send(await watcher.ask(session), '/console/sign-out')
  expect(await stream.text()).toMatch(ENDED)
})

it('ends when all sessions of its credential are, elsewhere', async () => {
  const { other, stream } = await watching()
  await other.send(await other.ask(session), '/console/sign-out-everywhere')
  expect(await stream.text()).toMatch(ENDED)
})

it('ends where another isolate ended the session, once this one looks again', async () => {
  const { stream } = await watching()
  await env.DB.prepare('DELETE FROM sessions').run()
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + KEYS.cacheMs })
  expect(await stream.text()).toMatch(ENDED)
})

it('ends when its key is revoked', async () => {
  const { tenant, key, stream } = await watching()
  await admin('DELETE', `/v1/tenants/${tenant.id}/keys/${key.id}`)
  expect(await stream.text()).toMatch(ENDED)
})

it('goes on for who signed out elsewhere', async () => {
  const { watcher, other, stream } = await watching()
  await other.send(await other.ask(session), '/console/sign-out')
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + KEYS.cacheMs })
  expect((await watcher.ask(session)).status).toBe(200)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
  expect(await stream.text()).toMatch(/"reason":"time_over"\}\n\n$/)
})
