// What only this surface has: its paths, and how it refuses.

import { expect, it } from 'vitest'
import { createKey, createTenant, send, sendAs } from '../../fixtures/hookline.ts'

async function openApp() {
  const tenant = await createTenant()
  const ask = sendAs(await createKey(tenant))
  return { ask, path: `/api/v1/app/${tenant.id}/endpoint` }
}

it('takes an empty part of a path for nothing, and a slash at its end', async () => {
  const { ask, path } = await openApp()
  for (const each of [`/${path}`, path.replace('/app', '//app'), `${path}/`]) {
    expect(await ask({ method: 'GET', path: `https://hookline.test${each}` }), each).toMatchObject({
      status: 200,
      body: { data: [], done: true },
    })
  }
})

it('answers 422 for a target that may not be, and for JSON that is no object', async () => {
  const { ask, path } = await openApp()
  const body = JSON.stringify({ url: 'ftp://receiver.example/' })
  expect(await ask({ method: 'POST', path, body })).toMatchObject({
    status: 422,
    body: { detail: [{ loc: ['body', 'url'], type: 'value_error' }] },
  })
  expect(await ask({ method: 'POST', path, body: '[]' })).toMatchObject({ status: 422 })
})

it('answers 400 for what is no JSON, and 405 for a wrong method', async () => {
  const { ask, path } = await openApp()
  expect(await ask({ method: 'POST', path, body: '{' })).toMatchObject({
    status: 400,
    body: { code: 'generic_error', detail: expect.any(String) },
  })
  const answer = await ask({ method: 'DELETE', path })
  expect(answer).toMatchObject({ status: 405, body: { code: 'generic_error' } })
  expect(answer.headers.get('allow')).toBe('GET, HEAD, POST')
})

it('answers 501 for what Svix has, 404 for what it has not, and neither without a key', async () => {
  const { ask, path } = await openApp()
  for (const [at, status] of [
    [`${path}/x/transformation`, 501],
    ['/api/v1/connector/x', 501],
    ['/api/v1/stream', 501],
    ['/api/v1/nothing', 404],
  ] as const) {
    const answer = await ask({ method: 'GET', path: at })
    expect(answer, at).toMatchObject({
      status,
      body: { code: expect.any(String), detail: expect.any(String) },
    })
    expect(await send({ method: 'GET', path: at }), at).toMatchObject({ status: 401 })
  }
})

it('refuses an idempotency key that cannot be one', async () => {
  const tenant = await createTenant()
  const { token } = await createKey(tenant)
  const call = {
    method: 'POST',
    path: `/api/v1/app/${tenant.id}/endpoint`,
    body: JSON.stringify({ url: 'https://receiver.example/' }),
  }
  const headers = { authorization: `Bearer ${token}`, 'idempotency-key': 'a b' }
  expect(await send(call, headers)).toMatchObject({ status: 422 })
})
