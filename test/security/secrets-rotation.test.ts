// Rotating SECRETS_KEY as docs/operations.md tells it, and what callers see while a key is missing.

import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { call, openWorld } from '../end-to-end/world.ts'
import { type Answer, callInstead, openReceiver, send } from '../fixtures/hookline.ts'
import { startWorker } from '../fixtures/worker.ts'

const NEW_KEY = btoa('a newer key of thirty-two bytes.')
const deployment = (SECRETS_KEY: string) => startWorker(dialects, { SECRETS_KEY })
const before = deployment(env.SECRETS_KEY)
const rotating = deployment(`${NEW_KEY},${env.SECRETS_KEY}`)
const after = deployment(NEW_KEY)

function reencrypt(input?: object, token = env.ADMIN_TOKEN): Promise<Answer> {
  const body = input === undefined ? {} : { body: JSON.stringify(input) }
  return send(
    { method: 'POST', path: '/v1/secrets/reencrypt', ...body },
    { authorization: `Bearer ${token}` },
  )
}

/** A deployment's key is its objects' too: those of the test's own Worker know the one it began with. */
async function openWith(secretsKey: string): Promise<void> {
  const jobs = env.DEPLOYMENT_JOBS.getByName('deployment')
  await runInDurableObject(jobs, (object) => {
    Object.assign(object, { env: { ...env, SECRETS_KEY: secretsKey } })
  })
}

/** The job that a call started, once it is over. */
async function jobOf(answer: Answer): Promise<unknown> {
  expect(answer, answer.text).toMatchObject({ status: 202 })
  const { jobId } = answer.body as { jobId: string }
  const call = { method: 'GET', path: `/v1/jobs/${jobId}` }
  const read = () => send(call, { authorization: `Bearer ${env.ADMIN_TOKEN}` })
  await vi.waitFor(
    async () => expect((await read()).body).not.toMatchObject({ state: 'running' }),
    { timeout: 10_000 },
  )
  return (await read()).body
}

// What other files left would be counted, too.
beforeEach(() => env.DB.prepare('DELETE FROM webhooks').run())
afterEach(() => openWith(env.SECRETS_KEY))

describe('a rotation of SECRETS_KEY', () => {
  it('re-encrypts all webhooks in a job, after which the old key can go', async () => {
    callInstead(before.fetch)
    const { key } = await openWorld()
    const receiver = openReceiver()
    const made = []
    for (let n = 0; n < 60; n += 1) {
      const input = { url: receiver.url, eventTypes: ['x'], headers: { 'x-number': `secret-${n}` } }
      made.push(await call<{ id: string; secret: string }>(key, 201, 'POST', '/webhooks', input))
    }

    callInstead(rotating.fetch)
    await openWith(`${NEW_KEY},${env.SECRETS_KEY}`)
    const started = await reencrypt()
    expect(started.body).toEqual({ jobId: expect.any(String), queued: 60 })
    expect(await jobOf(started)).toMatchObject({
      ...{ kind: 'reencrypt', state: 'done', done: 60, total: 60, error: null },
      ...{ tenantId: null, webhookId: null },
    })
    expect(await jobOf(await reencrypt())).toMatchObject({ state: 'done', done: 0, total: 0 })

    callInstead(after.fetch)
    for (const { id } of made) await call(key, 200, 'GET', `/webhooks/${id}`)
    const last = made.at(-1)
    await call(key, 200, 'POST', `/webhooks/${last?.id}/test`, {})
    const [request] = await receiver.received(1)
    expect(request?.headers['x-number']).toBe('secret-59')
  })

  it('is the administrator’s to do', async () => {
    callInstead(rotating.fetch)
    const { key } = await openWorld()
    expect(await reencrypt({}, key.token)).toMatchObject({ status: 401 })
    expect(await reencrypt({}, 'other')).toMatchObject({ status: 401 })
  })

  it('refuses what there is nothing to say about', async () => {
    callInstead(rotating.fetch)
    expect(await reencrypt({ limit: 9 })).toMatchObject({ status: 400, body: { code: 'invalid' } })
  })
})

describe('while SECRETS_KEY does not list the key of a webhook', () => {
  const unavailable = (why: string) => ({
    status: 503,
    body: { code: 'unavailable', detail: `The stored secrets cannot be used: ${why}.` },
  })
  const notListed = unavailable('they were encrypted with a key that is not in SECRETS_KEY')

  it('changing its secrets is 503 and says why; reading, listing and deleting it work', async () => {
    callInstead(before.fetch)
    const { key } = await openWorld()
    const input = { url: openReceiver().url, eventTypes: ['x'] }
    const { id } = await call<{ id: string }>(key, 201, 'POST', '/webhooks', input)
    const as = (method: string, path: string, body?: string) =>
      send(
        { method, path: `/v1${path}`, ...(body && { body }) },
        { authorization: `Bearer ${key.token}` },
      )

    callInstead(after.fetch)
    for (const answer of [
      await as('PATCH', `/webhooks/${id}`, '{"headers": null}'),
      await as('POST', `/webhooks/${id}/rotate-secret`),
    ]) {
      expect(answer).toMatchObject(notListed)
      expect(answer.headers.get('retry-after')).toBe('60')
    }
    expect(await as('GET', `/webhooks/${id}`)).toMatchObject({ status: 200, body: { id } })
    expect(await as('GET', '/webhooks')).toMatchObject({ status: 200, body: { items: [{ id }] } })
    await openWith(NEW_KEY)
    expect(await jobOf(await reencrypt())).toMatchObject({
      ...{ state: 'failed', done: 0, total: 1 },
      error: `No key in SECRETS_KEY decrypts the secrets of one webhook: ${id}.`,
    })
    expect(await as('DELETE', `/webhooks/${id}`)).toMatchObject({ status: 204 })
  })

  it('its tenant can be deleted', async () => {
    callInstead(before.fetch)
    const { key, tenant } = await openWorld()
    await call(key, 201, 'POST', '/webhooks', { url: openReceiver().url, eventTypes: ['x'] })
    callInstead(after.fetch)
    const path = `/v1/tenants/${tenant.id}`
    const authorization = `Bearer ${env.ADMIN_TOKEN}`
    expect(await jobOf(await send({ method: 'DELETE', path }, { authorization }))).toMatchObject({
      ...{ kind: 'purge', state: 'done', done: 1, total: 1, tenantId: tenant.id },
    })
  })

  it.each([
    ['malformed', 'c2hvcnQta2V5'],
    ['absent', ''],
  ])('and it is %s, calls that need no secrets go on', async (_, secretsKey) => {
    callInstead(deployment(secretsKey).fetch)
    const { key } = await openWorld()
    await call(key, 202, 'POST', '/events', { type: 'x', data: {} })
    const input = { url: openReceiver().url, eventTypes: ['x'] }
    const answer = await send(
      { method: 'POST', path: '/v1/webhooks', body: JSON.stringify(input) },
      { authorization: `Bearer ${key.token}` },
    )
    expect(answer).toMatchObject(
      unavailable(
        'SECRETS_KEY is malformed, because entry 1 is not 32 bytes in base64 (generate one with openssl rand -base64 32)',
      ),
    )
    await openWith(secretsKey)
    expect(await reencrypt()).toMatchObject({ status: 503 })
  })
})
